using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Orrery.Rpc.Registry;

/// <summary>Where calls can go, by each kind of target. Immutable: a change makes a new one.</summary>
internal class TargetRoutes
{
    // A frozen one with many nodes takes six to a hundred times as long to make, which each change does.
    private readonly Dictionary<string, ServiceInstance>.AlternateLookup<ReadOnlySpan<char>> _byNode;
    private readonly FrozenDictionary<string, OfOneRole>.AlternateLookup<ReadOnlySpan<char>> _byRole;

    /// <summary>Makes the routes to instances.</summary>
    /// <param name="instances">The instances.</param>
    /// <param name="stableRoles">The roles whose calls all go to one node.</param>
    /// <param name="localNodeId">This node.</param>
    public TargetRoutes(IReadOnlyList<ServiceInstance> instances, IReadOnlyCollection<string> stableRoles, string? localNodeId)
    {
        All = [.. instances];
        var open = Where(All, instance => instance.Condition.TakesCalls);
        Instances = Staying(open);
        Local = Array.Find(open, instance => instance.Node.NodeId == localNodeId);
        _byNode = All.ToDictionary(instance => instance.Node.NodeId).GetAlternateLookup<ReadOnlySpan<char>>();
        _byRole = ByRole(open).ToFrozenDictionary(role => role.Key, role => OfOneRole.Of(role.Key, role.Value, stableRoles)).GetAlternateLookup<ReadOnlySpan<char>>();
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
        role.IsEmpty ? Instances : _byRole.TryGetValue(role, out var found) ? found.All : [];

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

    private static Dictionary<string, List<ServiceInstance>> ByRole(ServiceInstance[] instances)
    {
        var byRole = new Dictionary<string, List<ServiceInstance>>();
        foreach (var instance in instances)
        {
            // Not by an enumerator, which would be an object for each instance.
            var roles = instance.Node.Card!.Roles;
            for (var i = 0; i < roles.Count; i++)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(byRole, roles[i], out _) ??= []).Add(instance);
            }
        }

        return byRole;
    }

    // A node that drains gets calls only while nobody else could take them.
    private static ServiceInstance[] Staying(ServiceInstance[] instances) =>
        Where(instances, instance => instance.Node.Status is NodeStatus.Alive) is { Length: > 0 } staying ? staying : instances;

    // Mostly all of them are, and then it is one array for all that is made of them.
    private static ServiceInstance[] Where(ServiceInstance[] instances, Predicate<ServiceInstance> condition) =>
        Array.TrueForAll(instances, condition) ? instances : Array.FindAll(instances, condition);

    /// <summary>Where calls to a role can go.</summary>
    /// <param name="Role">The role.</param>
    /// <param name="Instances">Those that calls to it may go to.</param>
    /// <param name="All">Those that a call to all nodes of it goes to.</param>
    private readonly record struct OfOneRole(string Role, ServiceInstance[] Instances, ServiceInstance[] All)
    {
        public static OfOneRole Of(string role, List<ServiceInstance> instances, IReadOnlyCollection<string> stableRoles)
        {
            var all = Own(role, Staying([.. instances]));
            return new(role, stableRoles.Contains(role) ? [LongestRunning(all)] : all, all);
        }

        // A stable role is always the node that has run longest.
        private static ServiceInstance LongestRunning(ServiceInstance[] instances) =>
            instances.MinBy(instance => (instance.Node.Card!.StartedAt, instance.Node.NodeId))!;

        // A node that only stands in for the role (the embedded gateway) steps back as soon as a node of the role's own is there.
        private static ServiceInstance[] Own(string role, ServiceInstance[] instances) =>
            Where(instances, instance => !instance.Node.Card!.StandsIn || instance.Node.Card.Roles[0] == role) is { Length: > 0 } own ? own : instances;
    }
}
