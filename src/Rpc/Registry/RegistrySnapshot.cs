using System.Collections.Frozen;
using System.Text.Json;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>The registry at one moment. Calls read it without a lock; a change in the cluster swaps in the next one.</summary>
internal sealed class RegistrySnapshot
{
    /// <summary>How long a node that went away without saying so stays listed as dead.</summary>
    public static readonly TimeSpan DeadNodesAreListedFor = TimeSpan.FromMinutes(1);

    public static readonly RegistrySnapshot Empty = new([], FrozenDictionary<string, ServiceRoutes>.Empty);

    private readonly FrozenDictionary<string, ServiceRoutes>.AlternateLookup<ReadOnlySpan<char>> _services;

    // Frozen ones with many nodes take six to a hundred times as long to make, which each change does.
    private readonly Dictionary<string, NodeEntry>.AlternateLookup<ReadOnlySpan<char>> _nodes;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _roles;

    private RegistrySnapshot(Dictionary<string, NodeEntry> nodes, FrozenDictionary<string, ServiceRoutes> services)
    {
        Entries = [.. nodes.Values.OrderBy(entry => entry.NodeId, StringComparer.Ordinal)];
        Services = services;
        Nodes = [.. Entries.Select(entry => entry.ToNode())];
        _services = services.GetAlternateLookup<ReadOnlySpan<char>>();
        _nodes = nodes.GetAlternateLookup<ReadOnlySpan<char>>();
        _roles = Entries.SelectMany(entry => entry.Card?.Roles ?? []).ToHashSet().GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<NodeEntry> Entries { get; }

    /// <summary>The same nodes, as callers see them.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    public FrozenDictionary<string, ServiceRoutes> Services { get; }

    public ServiceRoutes? Service(ReadOnlySpan<char> name) => _services.TryGetValue(name, out var service) ? service : null;

    public NodeEntry? Node(ReadOnlySpan<char> nodeId) => _nodes.TryGetValue(nodeId, out var entry) ? entry : null;

    public bool IsRole(ReadOnlySpan<char> text) => _roles.Contains(text);

    /// <summary>Gives the condition of a service as callers see it: one that lacks what it depends on is waiting.</summary>
    public ServiceCondition WithDependencies(ServiceDescription service, ServiceCondition condition) =>
        condition.Status is ServiceStatus.Running && MissingDependency(service) is { } missing
            ? condition with { Status = ServiceStatus.Waiting, Reason = $"depends on '{missing}', which no live node runs" }
            : condition;

    /// <summary>Gives a service as callers see it.</summary>
    public RegisteredService Describe(ServiceRoutes service) => new(
        service.Description.Name,
        service.Description.Description,
        service.Description.Roles,
        service.Description.AutoStart,
        service.Description.AlwaysOn,
        service.Description.DependsOn,
        service.Description.Methods,
        [.. service.All.OrderBy(instance => instance.Node.NodeId, StringComparer.Ordinal).Select(instance => Describe(service, instance))]);

    private ServiceOnNode Describe(ServiceRoutes service, ServiceInstance instance)
    {
        var condition = WithDependencies(service.Description, instance.Condition);
        var methods = service.Versions.Count > 1 ? instance.Description.Methods.ToDictionary(method => method.Name, method => instance.Description.Signature?.TextOf(method.Name) ?? "") : null;
        return new ServiceOnNode(instance.Node.NodeId, condition.Status, condition.Health, condition.Reason, instance.Circuit.State, methods);
    }

    /// <summary>Gives a service that this one depends on and that no live node runs, or null.</summary>
    public string? MissingDependency(ServiceDescription service)
    {
        foreach (var dependency in service.DependsOn)
        {
            if (Service(dependency) is not { Instances.Length: > 0 })
            {
                return dependency;
            }
        }

        return null;
    }

    /// <summary>Makes the next snapshot from what Orleans knows now and what this one knew.</summary>
    public RegistrySnapshot Next(
        IReadOnlyCollection<ClusterMember> members,
        ClusterManifest manifest,
        IReadOnlyDictionary<SiloAddress, NodeConditions> conditions,
        IReadOnlyCollection<string> stableRoles,
        string? localNodeId,
        DateTimeOffset now)
    {
        var change = new RouteChange(Services);
        var descriptions = new DescriptionReader(Services);
        var nodes = new Dictionary<string, NodeEntry>();
        var gone = Entries.ToDictionary(entry => entry.Silo);
        foreach (var member in members.Where(member => member.Status is not (SiloStatus.Dead or SiloStatus.None)))
        {
            var entry = gone.Remove(member.SiloAddress, out var known) ? known : new NodeEntry(member.SiloAddress, member.Name);
            var before = entry.Hosting;
            Update(entry, member, manifest, descriptions, conditions.GetValueOrDefault(member.SiloAddress));
            change.Note(entry, before);
            Show(entry, nodes, change);
        }

        foreach (var entry in gone.Values)
        {
            var before = entry.Hosting;
            if (IsToBeListed(entry, now))
            {
                Die(entry, now);
                change.Note(entry, before);
                Show(entry, nodes, change);
            }
            else
            {
                change.NoteGone(entry);
            }
        }

        return new RegistrySnapshot(nodes, change.Routes(stableRoles, localNodeId));
    }

    private static void Update(NodeEntry entry, ClusterMember member, ClusterManifest manifest, DescriptionReader descriptions, NodeConditions? conditions)
    {
        if (entry.Card is null)
        {
            ReadManifest(entry, manifest, descriptions);
        }

        entry.Conditions = conditions?.Services ?? entry.Conditions;
        entry.TakesCalls = member.Status is SiloStatus.Active && entry.Card is not null;
        entry.IsAwaited = member.Status is SiloStatus.Active && entry.Card is null;
        entry.Status = member.Status switch
        {
            SiloStatus.Active when conditions is { IsLeaving: true } => NodeStatus.Draining,
            SiloStatus.Active => entry.Card is null ? NodeStatus.Joining : NodeStatus.Alive,
            SiloStatus.ShuttingDown or SiloStatus.Stopping => NodeStatus.Draining,
            _ => NodeStatus.Joining,
        };
    }

    // While a node takes the place of an earlier life, whichever can be called is the one to show.
    private static void Show(NodeEntry life, Dictionary<string, NodeEntry> nodes, RouteChange change)
    {
        if (nodes.TryAdd(life.NodeId, life))
        {
            return;
        }

        var other = nodes[life.NodeId];
        var isBetter = (Rank(life.Status), -life.Silo.Generation).CompareTo((Rank(other.Status), -other.Silo.Generation)) < 0;
        nodes[life.NodeId] = isBetter ? life : other;
        change.NoteGone(isBetter ? other : life);
    }

    private static int Rank(NodeStatus status) => status switch
    {
        NodeStatus.Alive => 0,
        NodeStatus.Joining => 1,
        NodeStatus.Draining => 2,
        _ => 3,
    };

    // A node that said that it was stopping has left; one that vanished is shown for a while, so that someone notices.
    private static bool IsToBeListed(NodeEntry gone, DateTimeOffset now) =>
        gone.Status is not (NodeStatus.Draining or NodeStatus.Joining) && now - (gone.DeadSince ?? now) < DeadNodesAreListedFor;

    private static void Die(NodeEntry entry, DateTimeOffset now)
    {
        entry.DeadSince ??= now;
        entry.IsAwaited = false;
        entry.TakesCalls = false;
        entry.Status = NodeStatus.Dead;
    }

    private static void ReadManifest(NodeEntry entry, ClusterManifest manifest, DescriptionReader descriptions)
    {
        if (!manifest.Silos.TryGetValue(entry.Silo, out var silo)
            || !silo.Grains.TryGetValue(NodeCard.GrainType, out var card)
            || !card.Properties.TryGetValue(NodeCard.Key, out var json))
        {
            return;
        }

        entry.Services = descriptions.Read(silo);
        entry.Card = JsonSerializer.Deserialize<NodeCard>(json, WireJson.Options);
    }
}
