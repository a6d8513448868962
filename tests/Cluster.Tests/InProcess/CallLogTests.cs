using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class CallLogTests
{
    [Fact]
    public async Task Each_call_is_one_debug_line_with_address_node_duration_and_outcome()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true, args: ["--Logging:LogLevel:Orrery.Calls", "Debug"]);
        var token = TestContext.Current.CancellationToken;

        await seed.Proxy.Get<IProbe>("coordinator-1").Where();
        await seed.Proxy.Get<IProbe>("coordinator").Where();
        await seed.Proxy.Get<IProbe>().Where();
        await seed.Proxy.Call("probe/coordinator/where", cancellationToken: token);
        await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Get<IProbe>("coordinator-1").Refuse("no"));
        await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Call("probe/nobody/where", cancellationToken: token));

        var lines = ports.Log.All.Where(line => line.StartsWith("Debug Orrery.Calls: ", StringComparison.Ordinal)).ToArray();
        Assert.Collection(
            lines,
            line => Assert.Matches(@"probe/coordinator-1/where on coordinator-1 took [\d.]+ ms: ok", line),
            line => Assert.Matches(@"probe/coordinator/where on coordinator-1 took [\d.]+ ms: ok", line),
            line => Assert.Matches(@"probe/where on coordinator-1 took [\d.]+ ms: ok", line),
            line => Assert.Matches(@"probe/coordinator/where on coordinator-1 took [\d.]+ ms: ok", line),
            line => Assert.Matches(@"probe/coordinator-1/refuse on coordinator-1 took [\d.]+ ms: error 1234 service_error", line),
            line => Assert.Matches(@"probe/nobody/where on none took [\d.]+ ms: error -32001 unknown_node", line));
    }
}
