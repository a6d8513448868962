using System.Collections.Immutable;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>One life of a node, from its first sign to a minute after its last. A restart makes a new one.</summary>
internal sealed class NodeEntry(SiloAddress silo, string nodeId)
{
    private Node? _node;

    public SiloAddress Silo { get; } = silo;

    public string NodeId { get; } = nodeId;

    /// <summary>The last card that was seen: Orleans takes it out of the manifest as soon as the node begins to stop.</summary>
    public NodeCard? Card { get; set; }

    public IReadOnlyList<ServiceDescription> Services { get; set; } = [];

    /// <summary>What the node says of its services, where that is not simply that all is well.</summary>
    public ImmutableDictionary<string, ServiceCondition> Conditions { get; set; } = ImmutableDictionary<string, ServiceCondition>.Empty;

    public NodeStatus Status { get; set; }

    /// <summary>Whether calls can be sent there. A node that drains takes them for as long as Orleans counts it as active.</summary>
    public bool TakesCalls { get; set; }

    /// <summary>Whether Orleans counts it as active, but what it hosts has not arrived here.</summary>
    public bool IsAwaited { get; set; }

    public DateTimeOffset? DeadSince { get; set; }

    /// <summary>What the routes to its services are made of.</summary>
    public Hosting Hosting => new(TakesCalls, Status, Conditions);

    /// <summary>Gives the node as callers see it: the same object for as long as they see the same.</summary>
    public Node ToNode() => _node is { } node && node.Status == Status && node.Version == Card?.Version ? node : _node = NewNode();

    // What comes with its card, comes once.
    private Node NewNode() => new(
        NodeId,
        Silo.Endpoint.Address.ToString(),
        Silo.Endpoint.Port,
        Card?.Roles[0],
        Card?.Roles ?? [],
        Card?.Capabilities ?? [],
        [.. Services.Select(service => service.Name).Order(StringComparer.Ordinal)],
        Status,
        Card?.Url,
        Card?.Version,
        Card?.StartedAt);
}
