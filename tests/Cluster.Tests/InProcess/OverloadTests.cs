using HelloServices;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains.SystemService;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class OverloadTests
{
    private const int Waiting = 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_runs_so_many_calls_lets_a_few_wait_and_refuses_the_rest_at_once()
    {
        var ports = new ClusterPorts { Settings = { ["Orrery:Calls:MaxWaitingPerService"] = $"{Waiting}" } };
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var worker = await TestNode.StartAsync(ports, "worker-1", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1");
        var strained = seed.Proxy.Get<IStrained>("worker-1");
        var running = Enumerable.Range(0, 2).Select(_ => strained.Hold("first")).ToArray();
        await ports.Signals.Seen("first runs 2");
        List<Task> more =
        [
            .. Enumerable.Range(0, 4).Select(_ => strained.Hold("second")),
            .. Enumerable.Range(0, 4).Select(_ => seed.Proxy.Call("strained/worker-1/hold", new { name = "second" }, Token)),
        ];

        for (var i = 0; i < 8 - Waiting; i++)
        {
            var refused = await Task.WhenAny(more);
            more.Remove(refused);
            var error = (await Assert.ThrowsAsync<RpcException>(() => refused)).Error;
            Assert.Equal(((int)RpcErrorCode.Overloaded, RpcErrorReason.Overloaded, Executed.No, true), (error.Code, error.Reason, error.Executed, error.Retryable));
            Assert.InRange(error.RetryAfterMs!.Value, 1, 10_000);
        }

        // Other services, and those by which one looks after the node, answer.
        Assert.Equal(3, await seed.Proxy.Get<ICalculator>("worker-1").Subtract(5, 2));
        Assert.Equal("worker-1", (await seed.Proxy.Get<ISystem>("worker-1").GetSystemInfo()).NodeId);
        Assert.Equal(0, ports.Signals.Counted("second runs"));

        ports.Signals.Set("first may end");
        await Task.WhenAll(running);
        ports.Signals.Set("second may end");
        await Task.WhenAll(more);
        Assert.Equal(Waiting, ports.Signals.Counted("second runs"));
    }

    [Fact]
    public async Task A_call_to_a_role_goes_to_a_node_that_has_room()
    {
        var ports = new ClusterPorts { Settings = { ["Orrery:Calls:MaxWaitingPerService"] = "0" } };
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var full = await TestNode.StartAsync(ports, "worker-1", "worker");
        await using var free = await TestNode.StartAsync(ports, "worker-2", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1", "worker-2");
        await free.SeesAsync("coordinator-1", "worker-1", "worker-2");
        // Held by another node's calls, of which this one can't know.
        var held = Enumerable.Range(0, 2).Select(_ => free.Proxy.Get<IStrained>("worker-1").Hold("full")).ToArray();
        await ports.Signals.Seen("full runs 2");
        var trace = new CallTrace();
        using (CallScope.Begin(trace: trace, cancellationToken: Token))
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("worker-2", await seed.Proxy.Get<IStrained>("worker").Where());
                Assert.Equal("worker-2", await seed.Proxy.Call<string>("strained/worker/where", cancellationToken: Token));
            }
        }

        Assert.All(trace.Attempts, attempt => Assert.Equal(attempt.NodeId == "worker-1" ? RpcErrorReason.Overloaded : null, attempt.Error?.Reason));
        // From the full node itself, whose refusal must leave the arguments of a typed call whole.
        Assert.Equal("worker-2", await full.Proxy.Get<IStrained>().Where());
        ports.Signals.Set("elsewhere may end");
        Assert.Equal("worker-2", await full.Proxy.Get<IStrained>().Hold("elsewhere"));

        ports.Signals.Set("full may end");
        await Task.WhenAll(held);
    }

    [Fact]
    public async Task A_node_runs_so_many_calls_of_all_its_services()
    {
        var ports = new ClusterPorts { Settings = { ["Orrery:Calls:MaxRunning"] = "1" } };
        await using var node = await TestNode.StartAsync(ports, "worker-1", "worker", isSeed: true);
        var held = node.Proxy.Get<IStrained>().Hold("alone");
        await ports.Signals.Seen("alone runs");

        var error = await Assert.ThrowsAsync<RpcException>(() => node.Proxy.Call("calculator/subtract", new { minuend = 5, subtrahend = 2 }, Token));

        Assert.Equal((int)RpcErrorCode.Overloaded, error.Code);
        Assert.Equal("worker-1", (await node.Proxy.Get<ISystem>().GetSystemInfo()).NodeId);
        ports.Signals.Set("alone may end");
        await held;
        Assert.Equal(3, await node.Proxy.Call<double>("calculator/subtract", new { minuend = 5, subtrahend = 2 }, Token));
    }
}
