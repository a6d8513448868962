using HelloServices;
using Orleans.Hosting;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains;
using Orrery.Rpc;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class FilterTests
{
    [Fact]
    public async Task A_call_that_carries_JSON_passes_the_filters_that_a_typed_one_passes()
    {
        var ports = new ClusterPorts();
        var seen = new LogLines();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true, configure: node =>
        {
            node.AddBuiltInServices().AddServices(typeof(ICalculator).Assembly, typeof(IProbe).Assembly);
            node.Silo.AddIncomingGrainCallFilter(context =>
            {
                seen.Add($"{context.InterfaceName}.{context.MethodName}");
                return context.Invoke();
            });
        });
        var token = TestContext.Current.CancellationToken;

        Assert.Equal("coordinator-1", await seed.Proxy.Get<IProbe>().Where());
        Assert.Equal("coordinator-1", await seed.Proxy.Call<string>("probe/where", cancellationToken: token));
        var refused = await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Call("probe/refuse", new { message = "no" }, token));

        Assert.Equal(1234, refused.Code);
        Assert.Equal(2, seen.All.Count(line => line.EndsWith("IProbe.Where", StringComparison.Ordinal)));
        Assert.Equal(1, seen.All.Count(line => line.EndsWith("IProbe.Refuse", StringComparison.Ordinal)));
    }
}
