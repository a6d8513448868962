using Orrery.Cluster.Tests.Services;
using Orrery.Grains.OrchestratorService;
using Orrery.Grains.RegistryService;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class RegistryServiceTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IRegistry Registry => cluster.Coordinator.Proxy.Get<IRegistry>("coordinator-1");

    [Fact]
    public async Task Nodes_are_listed_by_role_service_and_status()
    {
        Assert.Equal(["coordinator-1", "worker-1", "worker-2"], Ids(await Registry.ListNodes()));
        Assert.Equal(["worker-1", "worker-2"], Ids(await Registry.ListNodes(role: "worker")));
        Assert.Equal(["coordinator-1"], Ids(await Registry.ListNodes(service: "only_on_coordinators")));
        Assert.Equal(["worker-1", "worker-2"], Ids(await Registry.ListNodes("worker", "staged", NodeStatus.Alive)));
        Assert.Empty(await Registry.ListNodes(status: NodeStatus.Dead));
        Assert.Empty(await Registry.ListNodes(role: "nobody"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => cluster.Coordinator.Proxy.Call("registry/list_nodes", new { status = "asleep" }, Token));
        Assert.Contains("one of joining, alive, draining, dead", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_node_is_given_or_an_error_that_says_where_to_look()
    {
        Assert.Equal("worker", (await Registry.GetNode("worker-1")).Role);

        var unknown = await Assert.ThrowsAsync<RpcException>(() => Registry.GetNode(new string('x', 500)));

        Assert.Equal((int)RpcErrorCode.TargetNotFound, unknown.Code);
        Assert.True(unknown.Message.Length < 250);
    }

    [Fact]
    public async Task Services_are_listed_with_all_that_an_operator_asks_about_them()
    {
        var dependent = (await Registry.ListServices()).Single(service => service.Name == "dependent");

        Assert.True(dependent is { AutoStart: true, AlwaysOn: false });
        Assert.Equal(["only_on_coordinators"], dependent.DependsOn);
        Assert.Equal(["worker"], dependent.Roles);
        Assert.Equal(["ping", "where"], dependent.Methods.Select(method => method.Name));
        Assert.Equal([true, false], dependent.Methods.Select(method => method.Public));
        Assert.Equal(["worker-1", "worker-2"], dependent.Nodes.Select(node => node.NodeId));
    }

    [Fact]
    public async Task Resolve_says_where_a_call_would_go_and_why_not_elsewhere()
    {
        await cluster.Worker.Proxy.Get<IOrchestrator>("worker-2").ControlService("eager", ServiceAction.Stop, Token);
        await cluster.Coordinator.SeesServiceAsync("eager", "worker-2", ServiceStatus.Stopped);

        var byRole = await Registry.Resolve("eager/worker/where");

        Assert.Equal((TargetKind.Role, "worker-1", "it is the only candidate"), (byRole.TargetIs, byRole.NodeId, byRole.Why));
        Assert.Equal([new Candidate("worker-1", 0, null, CircuitState.Closed)], byRole.Candidates);
        Assert.Equal(
            [new ExcludedNode("coordinator-1", "it does not host the service"), new ExcludedNode("worker-2", "the service is stopped there: stopped by a caller through worker-1")],
            byRole.Excluded);
        Assert.Null(byRole.Error);
    }

    [Theory]
    [InlineData("probe/where", TargetKind.AnyNode, "coordinator-1", "this node hosts the service", "worker-1: the node that calls hosts the service itself")]
    [InlineData("probe/worker-2/where", TargetKind.Node, "worker-2", "it goes to the node that the address names, and to no other", "worker-1: the address names another node")]
    [InlineData("probe/coordinator/where", TargetKind.Role, "coordinator-1", "it is the only candidate", "worker-1: it does not have the role 'coordinator'")]
    [InlineData("probe/@all:worker/where", TargetKind.AllNodes, null, "it goes to all candidates", "coordinator-1: it does not have the role 'worker'")]
    public async Task Resolve_explains_each_kind_of_target(string address, TargetKind kind, string? node, string why, string excluded)
    {
        var resolution = await Registry.Resolve(address);

        Assert.Equal((kind, node, why), (resolution.TargetIs, resolution.NodeId, resolution.Why));
        Assert.Contains(excluded, resolution.Excluded.Select(other => $"{other.NodeId}: {other.Reason}"));
    }

    [Theory]
    [InlineData("nonsense", RpcErrorReason.MalformedAddress)]
    [InlineData("nothing/at_all", RpcErrorReason.UnknownService)]
    [InlineData("probe/sing", RpcErrorReason.UnknownMethod)]
    [InlineData("probe/worker-9/where", RpcErrorReason.UnknownNode)]
    [InlineData("only_on_workers/coordinator-1/where", RpcErrorReason.ServiceNotOnNode)]
    [InlineData("", RpcErrorReason.MalformedAddress)]
    public async Task Resolve_says_what_a_caller_would_be_told(string address, string reason)
    {
        var resolution = await Registry.Resolve(address);

        Assert.Equal(reason, resolution.Error!.Reason);
        Assert.Null(resolution.NodeId);
        Assert.Empty(resolution.Candidates);
    }

    private static IEnumerable<string> Ids(IReadOnlyList<Node> nodes) => nodes.Select(node => node.NodeId);
}
