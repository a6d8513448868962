using Microsoft.Extensions.DependencyInjection;
using Orrery.Rpc;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Security;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class AccessTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task A_node_decides_again_whatever_a_gateway_has_let_through()
    {
        var endpoint = cluster.Coordinator.Services.GetRequiredService<IGrainFactory>().GetGrain<IServiceEndpoint>(GrainId.Create(ServiceContract.GrainTypeOf("orchestrator"), "worker-1"));

        var anonymous = await endpoint.Invoke("list_services", default, Caller.Anonymous);
        var denied = await endpoint.Invoke("list_services", default, new Caller("alice", "orchestrator/drain"));
        var allowed = await endpoint.Invoke("list_services", default, new Caller("alice", "orchestrator/list_services"));
        var inside = await endpoint.Invoke("list_services", default, null);

        Assert.Equal(RpcErrorReason.Unauthenticated, anonymous.Error?.Reason);
        Assert.Equal(RpcErrorReason.PermissionDenied, denied.Error?.Reason);
        Assert.Null(allowed.Error);
        Assert.Null(inside.Error);
    }

    [Fact]
    public async Task A_call_in_the_name_of_a_caller_may_do_what_the_caller_may()
    {
        var invoker = cluster.Coordinator.Services.GetRequiredService<CallInvoker>();
        var token = TestContext.Current.CancellationToken;

        var denied = await invoker.InvokeAsync("orchestrator/worker-1/list_services", default, new Caller("alice", "registry/*"), default, token);
        var allowed = await invoker.InvokeAsync("orchestrator/worker-1/list_services", default, new Caller("alice", "registry/* orchestrator/*"), default, token);

        Assert.Equal(RpcErrorReason.PermissionDenied, denied.Error?.Reason);
        Assert.Contains("'alice' may not call 'orchestrator/list_services'", denied.Error?.Message, StringComparison.Ordinal);
        Assert.Null(allowed.Error);
    }

    [Fact]
    public async Task What_an_order_changed_is_logged_with_who_gave_it()
    {
        var invoker = cluster.Coordinator.Services.GetRequiredService<CallInvoker>();
        var token = TestContext.Current.CancellationToken;
        var restart = new RawJson("""{"service_name":"staged","action":"restart"}"""u8.ToArray());

        var outcome = await invoker.InvokeAsync("metrics_dashboard/control_service", new RawJson("""{"worker_id":"worker-1","service_name":"staged","action":"restart"}"""u8.ToArray()), new Caller("alice", "*"), default, token);
        await invoker.InvokeAsync("orchestrator/worker-1/control_service", restart, new Caller("bob", "*"), default, token);

        Assert.Null(outcome.Error);
        Assert.Contains(cluster.Ports.Log.All, line => line.Contains("staged", StringComparison.Ordinal) && line.Contains("'alice'", StringComparison.Ordinal));
        Assert.Contains(cluster.Ports.Log.All, line => line.Contains("staged", StringComparison.Ordinal) && line.Contains("'bob'", StringComparison.Ordinal));
    }
}
