using System.Collections.Frozen;

namespace Orrery.Rpc.Registry;

/// <summary>Where calls can go, by each kind of target. Immutable: a change makes a new one.</summary>
internal class TargetRoutes
{
    private readonly FrozenDictionary<string, ServiceInstance>.AlternateLookup<ReadOnlySpan<char>> _byNode;
    private readonly FrozenDictionary<string, (string Role, ServiceInstance[] Instances)>.AlternateLookup<ReadOnlySpan<char>> _byRole;
    private readonly FrozenDictionary<string, ServiceInstance[]>.AlternateLookup<ReadOnlySpan<char>> _allByRole;

    /// <summary>Makes the routes to instances.</summary>
    /// <param name="instances">The instances.</param>
    /// <param name="stableRoles">The roles whose calls all go to one node.</param>
    /// <param name="localNodeId">This node.</param>
    public TargetRoutes(IReadOnlyList<ServiceInstance> instances, IReadOnlyCollection<string> stableRoles, string? localNodeId)
    {
        All = [.. instances];
        var open = instances.Where(instance => instance.Condition.TakesCalls).ToArray();
        Instances = Staying(open);
        Local = open.FirstOrDefault(instance => instance.Node.NodeId == localNodeId);
        _byNode = instances.ToFrozenDictionary(instance => instance.Node.NodeId).GetAlternateLookup<ReadOnlySpan<char>>();
        var byRole = open
            .SelectMany(instance => instance.Node.Card!.Roles, (instance, role) => (instance, role))
            .GroupBy(pair => pair.role, pair => pair.instance)
            .ToDictionary(group => group.Key, group => Own(group.Key, Staying([.. group])));
        _allByRole = byRole.ToFrozenDictionary().GetAlternateLookup<ReadOnlySpan<char>>();
        _byRole = byRole
            .ToFrozenDictionary(role => role.Key, role => (role.Key, stableRoles.Contains(role.Key) ? [LongestRunning(role.Value)] : role.Value))
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The instance on each live node that hosts the service, also where it is stopped.</summary>
    public ServiceInstance[] All { get; }

    /// <summary>Those that calls to any node may go to.</summary>
    public ServiceInstance[] Instances { get; }

    /// <summary>The one on this node, if there is one that takes calls.</summary>
    public ServiceInstance? Local { get; }

    /// <summary>The instance on a node, also where it is stopped.</summary>
    public ServiceInstance? OnNode(ReadOnlySpan<char> nodeId) => _byNode.TryGetValue(nodeId, out var instance) ? instance : null;

    /// <summary>Those that calls to a role may go to.</summary>
    public ServiceInstance[] OfRole(ReadOnlySpan<char> role) => OfRole(role, out _);

    /// <summary>The same, with the role's name to keep.</summary>
    public ServiceInstance[] OfRole(ReadOnlySpan<char> role, out string? name)
    {
        var isKnown = _byRole.TryGetValue(role, out var found);
        name = found.Role;
        return isKnown ? found.Instances : [];
    }

    /// <summary>Those that a call to all nodes goes to: of a role, or every one when that is empty.</summary>
    public ServiceInstance[] AllOfRole(ReadOnlySpan<char> role) =>
        role.IsEmpty ? Instances : _allByRole.TryGetValue(role, out var instances) ? instances : [];

    /// <summary>Whether one of them, running or not, is what the target names: the node of that id, a node of the role, or any when it is empty.</summary>
    public bool Have(ReadOnlySpan<char> target)
    {
        foreach (var instance in All)
        {
            if (target.IsEmpty || target.SequenceEqual(instance.Node.NodeId) || instance.Node.Card!.Roles.Contains(target.ToString()))
            {
                return true;
            }
        }

        return false;
    }

    // A stable role is always the node that has run longest.
    private static ServiceInstance LongestRunning(ServiceInstance[] instances) =>
        instances.MinBy(instance => (instance.Node.Card!.StartedAt, instance.Node.NodeId))!;

    // A node that drains gets calls only while nobody else could take them.
    private static ServiceInstance[] Staying(ServiceInstance[] instances)
    {
        var staying = Array.FindAll(instances, instance => instance.Node.Status is NodeStatus.Alive);
        return staying.Length > 0 ? staying : instances;
    }

    // A node that only stands in for the role (the embedded gateway) steps back as soon as a node of the role's own is there.
    private static ServiceInstance[] Own(string role, ServiceInstance[] instances)
    {
        var own = instances.Where(instance => !instance.Node.Card!.StandsIn || instance.Node.Card.Roles[0] == role).ToArray();
        return own.Length > 0 ? own : instances;
    }
}
