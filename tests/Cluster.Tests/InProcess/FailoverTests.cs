using Microsoft.Extensions.DependencyInjection;
using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class FailoverTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Proxy Proxy => cluster.Coordinator.Proxy;

    [Theory]
    [InlineData("probe/worker-9/where")]
    [InlineData("only_on_coordinators/worker-1/where")]
    public async Task A_call_that_made_a_call_that_did_not_run_has_run_itself_and_is_not_tried_elsewhere(string inVain)
    {
        var name = $"by address {inVain}";

        var error = await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("strained/worker/call_in_vain", new { name, address = inVain }, Token));

        Assert.Equal(((int)RpcErrorCode.TargetNotFound, Executed.Yes), (error.Code, error.Executed));
        Assert.Equal(1, cluster.Ports.Signals.Counted($"{name} runs"));
    }

    [Fact]
    public async Task The_same_holds_for_typed_calls()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => Proxy.Get<IStrained>("worker").CallInVainTyped("typed", "worker-9"));

        Assert.Equal(((int)RpcErrorCode.TargetNotFound, Executed.Yes), (error.Code, error.Executed));
        Assert.Equal(1, cluster.Ports.Signals.Counted("typed runs"));
    }

    [Fact]
    public async Task A_hedged_call_that_is_unusually_slow_is_answered_by_another_node()
    {
        // What is usual must be known of both nodes first.
        foreach (var node in new[] { "worker-1", "worker-2" })
        {
            for (var i = 0; i < 100; i++)
            {
                await Proxy.Call($"strained/{node}/hesitate", cancellationToken: Token);
            }
        }

        await IsAnsweredByAnotherNodeAsync("hedged", name => Proxy.Call<string>("strained/worker/hesitate", new { name }, Token));
        await IsAnsweredByAnotherNodeAsync("hedged typed", Proxy.Get<IStrained>("worker").Hesitate!);
    }

    [Fact]
    public async Task An_idempotent_call_that_a_node_leaves_unanswered_is_answered_by_another_node()
    {
        await IsAnsweredByAnotherNodeAsync("left", name => Proxy.Call<string>("strained/worker/falter", new { name }, Token));
        await IsAnsweredByAnotherNodeAsync("left typed", Proxy.Get<IStrained>("worker").Falter!);
    }

    [Fact]
    public async Task How_an_answer_came_about_is_told_to_whoever_asks()
    {
        var trace = new CallTrace();
        using (CallScope.Begin(trace: trace, cancellationToken: Token))
        {
            await Proxy.Call("strained/worker-2/where", cancellationToken: Token);
            await Proxy.Get<IStrained>("worker").Where();
            await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("probe/worker-1/refuse", new { message = "no" }, Token));
        }

        Assert.Equal(3, trace.Attempts.Count);
        Assert.Equal(("worker-2", null), (trace.Attempts[0].NodeId, trace.Attempts[0].Error));
        Assert.Contains(trace.Attempts[1].NodeId, new[] { "worker-1", "worker-2" });
        Assert.Equal(("worker-1", 1234), (trace.Attempts[2].NodeId, trace.Attempts[2].Error!.Code));
    }

    [Fact]
    public async Task A_call_to_a_role_that_finds_a_service_stopped_before_the_routes_say_so_is_made()
    {
        // The registry learns of a stop and of the routes without it one after the other.
        var instance = cluster.Coordinator.Services.GetRequiredService<NodeRegistry>().Current.Service("only_on_workers")!.OnNode("worker-1")!;
        instance.Condition = new ServiceCondition(ServiceStatus.Stopped);
        try
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.StartsWith("worker-", await Proxy.Call<string>("only_on_workers/worker/where", cancellationToken: Token), StringComparison.Ordinal);
                Assert.StartsWith("worker-", await Proxy.Get<IOnlyOnWorkers>("worker").Where(), StringComparison.Ordinal);
            }
        }
        finally
        {
            instance.Condition = ServiceCondition.Well;
        }
    }

    private async Task IsAnsweredByAnotherNodeAsync(string name, Func<string, Task<string?>> call)
    {
        var answer = await call(name);

        Assert.Contains(answer, new[] { "worker-1", "worker-2" });
        Assert.Equal(2, cluster.Ports.Signals.Counted($"{name} runs"));
        cluster.Ports.Signals.Set($"{name} may end");
    }
}
