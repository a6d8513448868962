using System.Collections.Immutable;
using Orleans.Runtime;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;
using Orrery.Simulation;

namespace Orrery.Rpc.Tests.Registry;

/// <summary>A thousand nodes of ten roles; the 13th has the role 3, which hosts the services 3, 13, 23 to 193.</summary>
public sealed class LargeRegistryTests
{
    private const int Node = 13;
    private static readonly SiloAddress Silo = SimulatedNodes.Silo(Node);

    private readonly SimulatedCluster _cluster = new(new SimulatedNodes(nodes: 1_000, roles: 10, services: 200));

    private RegistrySnapshot Current => _cluster.Registry.Current;

    [Theory]
    [InlineData("service_3/say")]
    [InlineData("service_3/role-3/say")]
    [InlineData("service_3/node-13/say")]
    [InlineData("service_3/@all/say")]
    [InlineData("service_3/@all:role-3/say")]
    public void To_resolve_an_address_allocates_nothing(string address)
    {
        var router = new Router(_cluster.Registry);
        Assert.Null(router.Resolve(address, caller: null, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            router.Resolve(address, caller: null, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_node_that_comes_or_goes_changes_the_routes_of_its_own_services_only()
    {
        var before = Current;
        Set(SiloStatus.ShuttingDown);
        Set(SiloStatus.Dead);

        var without = Current;
        Assert.Equal(Own, Changed(before, without));
        Assert.Equal(99, without.Service("service_3")!.All.Length);
        Assert.Null(without.Node("node-13"));

        Set(SiloStatus.Active);

        Assert.Equal(Own, Changed(without, Current));
        Assert.Equal(100, Current.Service("service_3")!.All.Length);
    }

    [Fact]
    public void A_service_that_stops_on_a_node_changes_its_own_routes_only()
    {
        var before = Current;
        _cluster.Registry.Accept(new NodeConditions(Silo, 1, ImmutableDictionary<string, ServiceCondition>.Empty.Add("service_23", new ServiceCondition(ServiceStatus.Stopped))));

        Assert.Equal(["service_23"], Changed(before, Current));
        Assert.Equal(99, Current.Service("service_23")!.Instances.Length);
    }

    [Fact]
    public void What_changes_no_service_leaves_all_routes()
    {
        var before = Current;
        _cluster.Set(SimulatedNodes.Silo(1_000), SimulatedNodes.NodeId(1_000), SiloStatus.Joining);

        Assert.Equal(1_001, Current.Nodes.Count);
        Assert.Same(before.Services, Current.Services);
    }

    [Fact]
    public void Nodes_that_did_not_change_are_the_same_objects()
    {
        var before = Current.Nodes.ToHashSet(ReferenceEqualityComparer.Instance);
        Set(SiloStatus.ShuttingDown);

        Assert.Equal("node-13", Assert.Single(Current.Nodes, node => !before.Contains(node)).NodeId);
    }

    [Fact]
    public void Nodes_with_the_same_version_share_its_description() =>
        Assert.Single(Current.Service("service_3")!.All.Select(instance => instance.Description).ToHashSet(ReferenceEqualityComparer.Instance));

    private static IEnumerable<string> Own => Enumerable.Range(0, 20).Select(i => SimulatedNodes.Service((10 * i) + 3)).Order();

    private void Set(SiloStatus status) => _cluster.Set(Silo, SimulatedNodes.NodeId(Node), status);

    private static IEnumerable<string> Changed(RegistrySnapshot before, RegistrySnapshot after) =>
        after.Services.Where(service => !ReferenceEquals(service.Value, before.Service(service.Key))).Select(service => service.Key).Order();
}
