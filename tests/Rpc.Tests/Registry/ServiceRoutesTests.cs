using System.Net;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Tests.Registry;

public sealed class ServiceRoutesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ServiceDescription Old = Version("old", Method("get", idempotent: true), Method("audit"));
    private static readonly ServiceDescription New = Version("new", Method("get"), Method("release"));

    [Fact]
    public void Each_method_leads_to_the_nodes_that_have_it()
    {
        var routes = Routes(("worker-1", "worker", Old), ("worker-2", "worker", New), ("worker-3", "worker", New));

        Assert.Equal(["worker-1"], Nodes(routes.Method("audit")!.Routes.OfRole("worker")));
        Assert.Equal(["worker-2", "worker-3"], Nodes(routes.Method("release")!.Routes.OfRole("worker")));
        Assert.Equal(["worker-2", "worker-3"], Nodes(routes.Method("release")!.Routes.AllOfRole("")));
        Assert.Equal(["worker-1", "worker-2", "worker-3"], Nodes(routes.Method("get")!.Routes.Instances));
        Assert.Null(routes.Method("release")!.Routes.OnNode("worker-1"));
        Assert.Null(routes.Method("sell"));
    }

    [Fact]
    public void What_all_nodes_have_has_one_table_of_routes()
    {
        var mixed = Routes(("worker-1", "worker", Old), ("worker-2", "worker", New));
        var same = Routes(("worker-1", "worker", Old), ("worker-2", "worker", Old));

        Assert.Same(mixed, mixed.Method("get")!.Routes);
        Assert.NotSame(mixed, mixed.Method("audit")!.Routes);
        Assert.Same(same, same.Method("audit")!.Routes);
        Assert.Single(same.Versions);
    }

    [Fact]
    public void Methods_with_the_same_nodes_share_their_routes()
    {
        var routes = Routes(("worker-1", "worker", Old), ("worker-2", "worker", Version("new", Method("get"), Method("release"), Method("sell"))));

        Assert.Same(routes.Method("release")!.Routes, routes.Method("sell")!.Routes);
    }

    [Fact]
    public void The_service_is_described_with_the_methods_of_all_nodes_as_the_newest_has_them()
    {
        var routes = Routes(("worker-1", "worker", New), ("worker-2", "worker", Old));

        Assert.Equal(["audit", "get", "release"], routes.Description.Methods.Select(method => method.Name));
        Assert.Equal("new", routes.Description.Description);
    }

    [Fact]
    public void A_method_is_repeatable_when_every_version_says_so()
    {
        Assert.False(Routes(("worker-1", "worker", Old), ("worker-2", "worker", New)).Method("get")!.Description.Idempotent);
        Assert.True(Routes(("worker-1", "worker", Old), ("worker-2", "worker", Old)).Method("get")!.Description.Idempotent);
    }

    [Fact]
    public void A_stable_role_stays_on_the_node_that_has_run_longest_of_those_with_the_method()
    {
        var routes = Routes(("coordinator-1", "coordinator", New), ("coordinator-2", "coordinator", New), ("coordinator-3", "coordinator", Old));

        Assert.Equal(["coordinator-3"], Nodes(routes.Method("get")!.Routes.OfRole("coordinator")));
        Assert.Equal(["coordinator-2"], Nodes(routes.Method("release")!.Routes.OfRole("coordinator")));
    }

    private static string[] Nodes(ServiceInstance[] instances) => [.. instances.Select(instance => instance.Node.NodeId).Order()];

    // The first one started last.
    private static ServiceRoutes Routes(params (string NodeId, string Role, ServiceDescription Version)[] nodes)
    {
        var instances = nodes.Select((node, i) => new ServiceInstance(
            new NodeEntry(SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 20000 + i), 1), node.NodeId)
            {
                Card = new NodeCard([node.Role], false, [], null, "1", Start.AddMinutes(-i)),
                Status = NodeStatus.Alive,
                TakesCalls = true,
            },
            GrainId.Create("svc.stock", node.NodeId),
            node.Version)).ToArray();
        return new ServiceRoutes(nodes[0].Version, instances, ["coordinator"], localNodeId: null);
    }

    private static ServiceDescription Version(string name, params MethodDescription[] methods) => new("stock", name, [], methods) { Source = (name, null) };

    private static MethodDescription Method(string name, bool idempotent = false) => new(name, null, true, false, [], "null", idempotent);
}
