using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Tests.Registry;

/// <summary>However a cluster came to be what it is, its registry is the one that a node makes that comes to it now.</summary>
public sealed class RegistryHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Services = ["book", "desk", "ink", "pen"];
    private static readonly string[] Roles = ["coordinator", "gateway", "worker"];
    private static readonly string[] NodeIds = ["a", "b", "c", "d", "e", "f"];

    private readonly Dictionary<SiloAddress, ClusterMember> _members = [];
    private readonly Dictionary<SiloAddress, GrainManifest> _manifests = [];
    private readonly Dictionary<SiloAddress, NodeConditions> _conditions = [];
    private Random _random = new(0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_registry_after_many_changes_is_the_one_that_is_made_from_nothing(int seed)
    {
        _random = new Random(seed);
        var registry = RegistrySnapshot.Empty;
        for (var step = 0; step < 300; step++)
        {
            Change(step);
            registry = Next(registry, step);

            Assert.Equal(Seen(Next(RegistrySnapshot.Empty, step)), Seen(registry));
        }
    }

    private RegistrySnapshot Next(RegistrySnapshot snapshot, int step) => snapshot.Next(
        [.. _members.Values],
        new ClusterManifest(new MajorMinorVersion(1, step), _manifests.ToImmutableDictionary()),
        _conditions,
        ["coordinator"],
        localNodeId: "a",
        Start.AddSeconds(20 * step));

    private void Change(int step)
    {
        // Now and then several at once: news are not told one by one.
        do
        {
            if (_members.Count < 3 || _random.Next(4) == 0)
            {
                Join(step);
            }
            else
            {
                Go(_members.Values.ElementAt(_random.Next(_members.Count)), step);
            }
        }
        while (_random.Next(4) == 0);
    }

    private void Join(int step)
    {
        var silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 20000 + _members.Count + step), step + 1);
        _members[silo] = new ClusterMember(silo, SiloStatus.Joining, One(NodeIds));
    }

    private void Go(ClusterMember member, int step)
    {
        var silo = member.SiloAddress;
        switch (_random.Next(4))
        {
            case 0 when member.Status is not SiloStatus.Dead:
                _members[silo] = new ClusterMember(silo, member.Status is SiloStatus.Joining ? SiloStatus.Active : One([SiloStatus.ShuttingDown, SiloStatus.Dead]), member.Name);
                break;
            case 0:
                _members.Remove(silo);
                _conditions.Remove(silo);
                break;
            case 1:
                _manifests.TryAdd(silo, Manifest(step));
                break;
            default:
                _conditions[silo] = new NodeConditions(silo, step, Some(Services).ToImmutableDictionary(name => name, _ => new ServiceCondition(One(Enum.GetValues<ServiceStatus>()))), IsLeaving: _random.Next(4) == 0);
                break;
        }
    }

    private GrainManifest Manifest(int step)
    {
        var card = new NodeCard([One(Roles), .. Some(Roles)], StandsIn: _random.Next(2) == 0, [], null, "1", Start.AddSeconds(_random.Next(step + 1)));
        return new GrainManifest(
            Some(Services).ToImmutableDictionary(ServiceContract.GrainTypeOf, name => Properties(ServiceGrainTypes.DescriptionKey, Version(name))).Add(NodeCard.GrainType, Properties(NodeCard.Key, card)),
            ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty);
    }

    private ServiceDescription Version(string name) =>
        new(name, null, [], [.. One<string[]>([["get", "put"], ["get", "set"]]).Select(method => new MethodDescription(method, null, true, false, [], "null"))]);

    private T One<T>(T[] choices) => choices[_random.Next(choices.Length)];

    private string[] Some(string[] choices) => Array.FindAll(choices, _ => _random.Next(2) == 0);

    // What only memory can know is left out: nodes that are dead, and services that nobody hosts any more.
    private static string Seen(RegistrySnapshot snapshot) => string.Join('\n', [
        .. snapshot.Nodes.Where(node => node.Status is not NodeStatus.Dead).Select(node => $"{node.NodeId} {node.Port} {node.Status} {string.Join(' ', node.Roles)}: {string.Join(' ', node.Services)}"),
        .. snapshot.Services.Values.Where(service => service.All.Length > 0).OrderBy(service => service.Description.Name, StringComparer.Ordinal).SelectMany(Seen)]);

    private static IEnumerable<string> Seen(ServiceRoutes service) => service.Description.Methods
        .Select(method => $"{service.Description.Name}/{method.Name}: {Seen(service.Method(method.Name)!.Routes)}")
        .Append($"{service.Description.Name}: {Seen((TargetRoutes)service)}");

    private static string Seen(TargetRoutes routes) => string.Join(" | ", [
        Seen(routes.All),
        Seen(routes.Instances),
        routes.Local?.Node.NodeId ?? "",
        .. Roles.Select(role => $"{role}: {Seen(routes.OfRole(role))} / {Seen(routes.AllOfRole(role))}"),
        .. NodeIds.Select(node => routes.OnNode(node)?.Node.Silo.ToString() ?? "")]);

    private static string Seen(ServiceInstance[] instances) => string.Join(' ', instances.Select(instance => $"{instance.Node.Silo} {instance.Condition.Status}"));

    private static GrainProperties Properties<T>(string key, T value) =>
        new(ImmutableDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal).Add(key, JsonSerializer.Serialize(value, WireJson.Options)));
}
