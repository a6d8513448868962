using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Routing;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Registry;

/// <summary>A service as the registry knows it.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Description">The author's sentence, if any.</param>
/// <param name="Roles">The roles that may host it; empty for every node.</param>
/// <param name="AutoStart">Whether it starts with its node, and not with the first call.</param>
/// <param name="AlwaysOn">Whether it can't be stopped.</param>
/// <param name="DependsOn">The services that it can't work without.</param>
/// <param name="Methods">Its methods, by name: all that any of the nodes has, as the one that started last has them.</param>
/// <param name="Nodes">How it is on each live node that hosts it, by node id.</param>
public sealed record RegisteredService(
    string Name,
    string? Description,
    IReadOnlyList<string> Roles,
    bool AutoStart,
    bool AlwaysOn,
    IReadOnlyList<string> DependsOn,
    IReadOnlyList<MethodDescription> Methods,
    IReadOnlyList<ServiceOnNode> Nodes)
{
    /// <summary>Gives the service with the methods that a caller outside the cluster may call, and no others.</summary>
    public RegisteredService AsSeenBy(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var methods = Methods.Where(caller.MayCall).ToArray();
        var names = methods.Select(method => method.Name).ToHashSet();
        return this with
        {
            Methods = methods,
            Nodes = [.. Nodes.Select(node => node with { Methods = node.Methods?.Where(method => names.Contains(method.Key)).ToDictionary() })],
        };
    }
}

/// <summary>A service on a node that hosts it.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Status">Where the service is in its life there.</param>
/// <param name="Health">How it says it is doing.</param>
/// <param name="Reason">Why it is not running, or else why it is not healthy; null when all is well.</param>
/// <param name="Circuit">Whether the node that was asked sends calls there, or stays away because too many failed.</param>
/// <param name="Methods">What each method that it has there takes and gives, by name; null while all nodes have the same version.</param>
public sealed record ServiceOnNode(
    string NodeId,
    ServiceStatus Status,
    ServiceHealth Health,
    string? Reason,
    CircuitState Circuit = CircuitState.Closed,
    IReadOnlyDictionary<string, string>? Methods = null);
