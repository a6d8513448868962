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
    private readonly FrozenDictionary<string, NodeEntry>.AlternateLookup<ReadOnlySpan<char>> _nodes;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _roles;

    private RegistrySnapshot(IReadOnlyList<NodeEntry> entries, FrozenDictionary<string, ServiceRoutes> services)
    {
        Entries = entries;
        Services = services;
        Nodes = [.. entries.Select(entry => entry.ToNode())];
        _services = services.GetAlternateLookup<ReadOnlySpan<char>>();
        _nodes = entries.ToFrozenDictionary(entry => entry.NodeId).GetAlternateLookup<ReadOnlySpan<char>>();
        _roles = entries.SelectMany(entry => entry.Card?.Roles ?? []).ToFrozenSet().GetAlternateLookup<ReadOnlySpan<char>>();
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
        var previous = Entries.ToDictionary(entry => entry.Silo);
        var entries = members
            .Select(member => NextEntry(previous.GetValueOrDefault(member.SiloAddress), member, manifest, conditions.GetValueOrDefault(member.SiloAddress), now))
            .Concat(previous.Values.ExceptBy(members.Select(member => member.SiloAddress), entry => entry.Silo).Select(entry => Dead(entry, now)))
            .OfType<NodeEntry>()
            .GroupBy(entry => entry.NodeId)
            .Select(lives => lives.OrderBy(life => Rank(life.Status)).ThenByDescending(life => life.Silo.Generation).First())
            .OrderBy(entry => entry.NodeId, StringComparer.Ordinal)
            .ToArray();
        return new RegistrySnapshot(entries, NextServices(entries, stableRoles, localNodeId));
    }

    private static NodeEntry? NextEntry(NodeEntry? known, ClusterMember member, ClusterManifest manifest, NodeConditions? conditions, DateTimeOffset now)
    {
        if (member.Status is SiloStatus.Dead or SiloStatus.None)
        {
            return known is null ? null : Dead(known, now);
        }

        var entry = known ?? new NodeEntry(member.SiloAddress, member.Name);
        if (entry.Card is null)
        {
            ReadManifest(entry, manifest);
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
        return entry;
    }

    // While a node takes the place of an earlier life, whichever can be called is the one to show.
    private static int Rank(NodeStatus status) => status switch
    {
        NodeStatus.Alive => 0,
        NodeStatus.Joining => 1,
        NodeStatus.Draining => 2,
        _ => 3,
    };

    // A node that said that it was stopping has left; one that vanished is shown for a while, so that someone notices.
    private static NodeEntry? Dead(NodeEntry entry, DateTimeOffset now)
    {
        if (entry.Status is NodeStatus.Draining or NodeStatus.Joining || now - (entry.DeadSince ?? now) >= DeadNodesAreListedFor)
        {
            return null;
        }

        entry.DeadSince ??= now;
        entry.IsAwaited = false;
        entry.TakesCalls = false;
        entry.Status = NodeStatus.Dead;
        return entry;
    }

    private static void ReadManifest(NodeEntry entry, ClusterManifest manifest)
    {
        if (!manifest.Silos.TryGetValue(entry.Silo, out var silo)
            || !silo.Grains.TryGetValue(NodeCard.GrainType, out var card)
            || !card.Properties.TryGetValue(NodeCard.Key, out var json))
        {
            return;
        }

        entry.Services = [.. silo.Grains.Values.Select(ServiceGrainTypes.Read).OfType<ServiceDescription>()];
        entry.Card = JsonSerializer.Deserialize<NodeCard>(json, WireJson.Options);
    }

    // A service that nobody hosts any more stays known, so that a call to it is answered with "no node hosts it" and
    // not with "no such method".
    private FrozenDictionary<string, ServiceRoutes> NextServices(NodeEntry[] entries, IReadOnlyCollection<string> stableRoles, string? localNodeId)
    {
        var instances = entries
            .Where(entry => entry.TakesCalls)
            .OrderByDescending(entry => entry.Card!.StartedAt)
            .SelectMany(entry => entry.Services, (entry, description) => InstanceOn(entry, description, localNodeId))
            .GroupBy(instance => instance.Description.Name)
            .ToDictionary(group => group.Key, group => new ServiceRoutes(group.First().Description, [.. group], stableRoles, localNodeId));
        foreach (var (name, known) in Services)
        {
            instances.TryAdd(name, new ServiceRoutes(known.Description, [], stableRoles, localNodeId));
        }

        return instances.ToFrozenDictionary();
    }

    private ServiceInstance InstanceOn(NodeEntry entry, ServiceDescription service, string? localNodeId)
    {
        var instance = Service(service.Name)?.OnNode(entry.NodeId) is { } known && ReferenceEquals(known.Node, entry)
            ? known
            : new ServiceInstance(entry, GrainId.Create(ServiceContract.GrainTypeOf(service.Name), IdSpan.Create(entry.NodeId)), service) { IsLocal = entry.NodeId == localNodeId };
        instance.Condition = entry.Conditions.GetValueOrDefault(service.Name, ServiceCondition.Well);
        return instance;
    }
}
