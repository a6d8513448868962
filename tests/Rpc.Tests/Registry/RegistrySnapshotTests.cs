using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Tests.Registry;

public sealed class RegistrySnapshotTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ServiceDescription Echo = new("echo", null, [], [new MethodDescription("say", null, true, false, [], "string")]);

    private readonly Dictionary<SiloAddress, ClusterMember> _members = [];
    private readonly Dictionary<SiloAddress, NodeCard> _cards = [];
    private readonly Dictionary<SiloAddress, NodeConditions> _conditions = [];
    private RegistrySnapshot _snapshot = RegistrySnapshot.Empty;

    [Fact]
    public void A_node_is_joining_until_its_card_is_there_and_gets_no_calls_before()
    {
        var silo = Member("worker-1", SiloStatus.Active);
        Refresh();

        Assert.Equal(NodeStatus.Joining, Node("worker-1").Status);
        Assert.Null(Node("worker-1").Role);

        Card(silo, "worker");
        Refresh();

        Assert.Equal(NodeStatus.Alive, Node("worker-1").Status);
        Assert.Equal("worker", Node("worker-1").Role);
        Assert.Equal(["echo"], Node("worker-1").Services);
        Assert.NotNull(_snapshot.Service("echo")!.OnNode("worker-1"));
    }

    [Fact]
    public void A_node_that_drains_keeps_its_card_gets_no_calls_and_then_leaves_at_once()
    {
        var silo = Alive("worker-1", "worker");
        _members[silo] = new ClusterMember(silo, SiloStatus.ShuttingDown, "worker-1");
        _cards.Remove(silo);
        Refresh();

        Assert.Equal(NodeStatus.Draining, Node("worker-1").Status);
        Assert.Equal("worker", Node("worker-1").Role);
        Assert.Empty(_snapshot.Service("echo")!.Instances);

        _members[silo] = new ClusterMember(silo, SiloStatus.Dead, "worker-1");
        Refresh();

        Assert.Empty(_snapshot.Nodes);
    }

    [Fact]
    public void A_node_that_says_that_it_leaves_gets_the_calls_that_only_it_can_take()
    {
        var leaving = Alive("worker-1", "worker");
        Alive("gateway-1", "gateway");
        _conditions[leaving] = new NodeConditions(leaving, 1, ImmutableDictionary<string, ServiceCondition>.Empty, IsLeaving: true);
        Refresh();

        Assert.Equal(NodeStatus.Draining, Node("worker-1").Status);
        Assert.Equal("gateway-1", Assert.Single(_snapshot.Service("echo")!.Instances).Node.NodeId);
        Assert.Equal("worker-1", Assert.Single(_snapshot.Service("echo")!.OfRole("worker")).Node.NodeId);
        Assert.NotNull(_snapshot.Service("echo")!.OnNode("worker-1"));

        Alive("worker-2", "worker");

        Assert.Equal("worker-2", Assert.Single(_snapshot.Service("echo")!.OfRole("worker")).Node.NodeId);
        Assert.Equal("worker-2", Assert.Single(_snapshot.Service("echo")!.AllOfRole("worker")).Node.NodeId);
    }

    [Fact]
    public void A_node_that_vanished_is_listed_as_dead_for_a_minute()
    {
        var silo = Alive("worker-1", "worker");
        _members[silo] = new ClusterMember(silo, SiloStatus.Dead, "worker-1");
        Refresh();
        Refresh(Start + TimeSpan.FromSeconds(59));

        Assert.Equal(NodeStatus.Dead, Node("worker-1").Status);
        Assert.Null(_snapshot.Service("echo")!.OnNode("worker-1"));

        Refresh(Start + TimeSpan.FromSeconds(60));

        Assert.Empty(_snapshot.Nodes);
    }

    [Theory]
    [InlineData(ServiceStatus.Stopping, false)]
    [InlineData(ServiceStatus.Stopped, false)]
    [InlineData(ServiceStatus.Failed, false)]
    [InlineData(ServiceStatus.Restarting, true)]
    [InlineData(ServiceStatus.Running, true)]
    public void A_service_that_does_not_take_calls_on_a_node_is_known_there_and_no_target(ServiceStatus status, bool isTarget)
    {
        var silo = Alive("worker-1", "worker");
        Alive("worker-2", "worker");
        _conditions[silo] = new NodeConditions(silo, 1, ImmutableDictionary<string, ServiceCondition>.Empty.Add("echo", new ServiceCondition(status)));
        Refresh();

        var echo = _snapshot.Service("echo")!;
        Assert.Equal(2, echo.All.Length);
        Assert.Equal(isTarget ? 2 : 1, echo.Instances.Length);
        Assert.Equal(isTarget ? 2 : 1, echo.OfRole("worker").Length);
        Assert.Equal(isTarget ? 2 : 1, echo.AllOfRole("worker").Length);
        Assert.Equal(status, echo.OnNode("worker-1")!.Condition.Status);
    }

    [Fact]
    public void A_stable_role_moves_on_from_a_node_where_the_service_is_stopped_and_back_again()
    {
        var oldest = Alive("coordinator-1", "coordinator", startedAt: Start);
        Alive("coordinator-2", "coordinator", startedAt: Start.AddMinutes(1));
        Assert.Equal("coordinator-1", Assert.Single(_snapshot.Service("echo")!.OfRole("coordinator")).Node.NodeId);

        _conditions[oldest] = new NodeConditions(oldest, 1, ImmutableDictionary<string, ServiceCondition>.Empty.Add("echo", new ServiceCondition(ServiceStatus.Stopped)));
        Refresh();
        Assert.Equal("coordinator-2", Assert.Single(_snapshot.Service("echo")!.OfRole("coordinator")).Node.NodeId);

        _conditions[oldest] = new NodeConditions(oldest, 2, ImmutableDictionary<string, ServiceCondition>.Empty);
        Refresh();
        Assert.Equal("coordinator-1", Assert.Single(_snapshot.Service("echo")!.OfRole("coordinator")).Node.NodeId);
        Assert.Equal(2, _snapshot.Service("echo")!.AllOfRole("coordinator").Length);
    }

    [Fact]
    public void A_restarted_node_takes_the_place_of_its_earlier_life()
    {
        var earlier = Alive("worker-1", "worker", generation: 1);
        _members[earlier] = new ClusterMember(earlier, SiloStatus.Dead, "worker-1");
        var later = Alive("worker-1", "worker", generation: 2);

        Assert.Equal(NodeStatus.Alive, Assert.Single(_snapshot.Nodes).Status);
        Assert.Same(later, _snapshot.Service("echo")!.OnNode("worker-1")!.Node.Silo);
    }

    [Fact]
    public void While_the_earlier_life_still_counts_as_active_the_newest_gets_the_calls()
    {
        Alive("worker-1", "worker", generation: 1);
        var later = Alive("worker-1", "worker", generation: 2);

        Assert.Same(later, _snapshot.Service("echo")!.OnNode("worker-1")!.Node.Silo);
    }

    [Fact]
    public void While_another_life_of_a_live_node_only_joins_the_live_one_is_shown_and_gets_the_calls()
    {
        var live = Alive("worker-1", "worker", generation: 1);
        Member("worker-1", SiloStatus.Joining, generation: 2);
        Refresh();

        Assert.Equal(NodeStatus.Alive, Assert.Single(_snapshot.Nodes).Status);
        Assert.Same(live, _snapshot.Service("echo")!.OnNode("worker-1")!.Node.Silo);
    }

    [Fact]
    public void A_service_that_nobody_hosts_any_more_stays_known()
    {
        var silo = Alive("worker-1", "worker");
        _members[silo] = new ClusterMember(silo, SiloStatus.Dead, "worker-1");
        Refresh();

        Assert.NotNull(_snapshot.Service("echo")!.Method("say"));
        Assert.Empty(_snapshot.Service("echo")!.Instances);
    }

    [Fact]
    public void A_stable_role_is_the_node_of_it_that_has_run_longest()
    {
        Alive("b", "coordinator", startedAt: Start);
        Alive("a", "coordinator", startedAt: Start + TimeSpan.FromSeconds(1));

        Assert.Equal("b", Assert.Single(_snapshot.Service("echo")!.OfRole("coordinator")).Node.NodeId);
    }

    [Fact]
    public void Any_other_role_is_all_of_its_nodes()
    {
        Alive("a", "worker");
        Alive("b", "worker");
        Alive("c", "other");

        Assert.Equal(["a", "b"], _snapshot.Service("echo")!.OfRole("worker").Select(instance => instance.Node.NodeId).Order());
    }

    [Fact]
    public void A_node_that_stands_in_for_a_role_steps_back_for_one_whose_own_it_is()
    {
        var standIn = Member("gateway-1", SiloStatus.Active);
        _cards[standIn] = new NodeCard(["gateway", "worker"], true, [], null, "1", Start);
        Refresh();
        Assert.Equal("gateway-1", Assert.Single(_snapshot.Service("echo")!.OfRole("worker")).Node.NodeId);

        Alive("worker-1", "worker");

        Assert.Equal("worker-1", Assert.Single(_snapshot.Service("echo")!.OfRole("worker")).Node.NodeId);
        Assert.Equal("gateway-1", Assert.Single(_snapshot.Service("echo")!.OfRole("gateway")).Node.NodeId);
    }

    private SiloAddress Alive(string name, string role, int generation = 1, DateTimeOffset? startedAt = null)
    {
        var silo = Member(name, SiloStatus.Active, generation);
        Card(silo, role, startedAt);
        Refresh();
        return silo;
    }

    private SiloAddress Member(string name, SiloStatus status, int generation = 1)
    {
        var silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 20000 + _members.Count), generation);
        _members[silo] = new ClusterMember(silo, status, name);
        return silo;
    }

    private void Card(SiloAddress silo, string role, DateTimeOffset? startedAt = null) =>
        _cards[silo] = new NodeCard([role], false, [], null, "1", startedAt ?? Start);

    private Node Node(string nodeId) => _snapshot.Nodes.Single(node => node.NodeId == nodeId);

    private void Refresh(DateTimeOffset? now = null)
    {
        var manifests = _cards.ToImmutableDictionary(card => card.Key, card => new GrainManifest(
            ImmutableDictionary<GrainType, GrainProperties>.Empty
                .Add(NodeCard.GrainType, Properties(NodeCard.Key, card.Value))
                .Add(ServiceContract.GrainTypeOf("echo"), Properties(ServiceGrainTypes.DescriptionKey, Echo)),
            ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty));
        var manifest = new ClusterManifest(new MajorMinorVersion(1, 0), manifests);
        _snapshot = _snapshot.Next([.. _members.Values], manifest, _conditions, ["coordinator"], null, now ?? Start);
    }

    private static GrainProperties Properties<T>(string key, T value) =>
        new(ImmutableDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal).Add(key, JsonSerializer.Serialize(value, WireJson.Options)));
}
