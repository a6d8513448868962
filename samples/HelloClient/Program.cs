using HelloServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Registry;

var builder = Host.CreateApplicationBuilder(args);
builder.AddOrreryClient(typeof(ICalculator).Assembly);
using var host = builder.Build();
await host.StartAsync();

var proxy = host.Services.GetRequiredService<Proxy>();
foreach (var node in host.Services.GetRequiredService<NodeRegistry>().Nodes)
{
    Console.WriteLine($"node {node.NodeId}: {string.Join(", ", node.Services)}");
}

Console.WriteLine($"typed: {await proxy.Get<ICalculator>().Subtract(42, 23)}");
Console.WriteLine($"by address: {await proxy.Call<double>("calculator/subtract", new { minuend = 42, subtrahend = 23 })}");
var said = await proxy.Dynamic.echo.say(text: "hello", n: 1);
Console.WriteLine($"dynamic: {said.text} {said.n}");

// All calls in here together have two seconds.
using (CallScope.Begin(timeout: TimeSpan.FromSeconds(2)))
{
    Console.WriteLine($"in time: {await proxy.Get<ICalculator>("worker").Sum(1, 2, 4)}");
}

try
{
    await proxy.Call("calculator/nobody/sum");
}
catch (RpcException error)
{
    Console.WriteLine($"error {error.Code}: {error.Message}");
}

await host.StopAsync();
