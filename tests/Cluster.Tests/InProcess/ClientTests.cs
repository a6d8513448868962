using HelloServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains.OrchestratorService;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class ClientTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task A_program_that_is_no_node_has_the_same_proxy_and_registry()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orrery:Nodes"] = $"127.0.0.1:{cluster.Ports.Client}" });
        builder.AddOrreryClient(typeof(IProbe).Assembly, typeof(ICalculator).Assembly, typeof(IOrchestrator).Assembly);
        using var host = builder.Build();
        var token = TestContext.Current.CancellationToken;
        await host.StartAsync(token);
        var proxy = host.Services.GetRequiredService<Proxy>();
        var registry = host.Services.GetRequiredService<NodeRegistry>();
        await registry.WaitUntilAsync(known => known.Nodes.Count == 3, token);

        Assert.Equal(["coordinator-1", "worker-1", "worker-2"], registry.Nodes.Select(node => node.NodeId));
        Assert.Equal("worker-2", await proxy.Get<IProbe>("worker-2").Where());
        Assert.StartsWith("worker-", await proxy.Get<IProbe>("worker").Where(), StringComparison.Ordinal);
        Assert.Equal(19, await proxy.Get<ICalculator>().Subtract(42, 23));
        Assert.Equal("coordinator-1", await proxy.Call<string>("probe/coordinator/where", cancellationToken: token));
        double sum = await proxy.Dynamic.calculator.worker.sum(1, 2, 4);
        Assert.Equal(7, sum);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => proxy.Get<IProbe>("worker-9").Where());
        Assert.Equal(RpcErrorReason.UnknownNode, unknown.Reason);
        var refused = await Assert.ThrowsAsync<RpcException>(() => proxy.Get<IProbe>("worker-1").Refuse("no"));
        Assert.Equal(1234, refused.Code);
        Assert.Equal(["worker-1", "worker-2"], (await proxy.All<IProbe>("worker").Call((probe, _) => probe.Where(), cancellationToken: token)).Select(answer => answer.Result));
        Assert.Equal(3, (await proxy.Call<NodeAnswer<string>[]>("probe/@all/where", cancellationToken: token))!.Length);
        await proxy.Get<IOrchestrator>("worker-1").ControlService("staged", ServiceAction.Stop, token);
        await registry.WaitUntilAsync(known => known.Services.Single(service => service.Name == "staged").Nodes[0].Status is ServiceStatus.Stopped, token);
        Assert.Equal("worker-2", await proxy.Get<IStaged>("worker").Where());
        Assert.Equal("worker-1", (await proxy.Get<IProbe>("worker-1").Ping()).NodeId);
        Assert.DoesNotContain(cluster.Coordinator.Registry.Nodes, node => node.NodeId.Contains("client", StringComparison.Ordinal));
        await host.StopAsync(token);
    }
}
