using System.Collections.Frozen;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Registry;

/// <summary>What a change in the cluster means for the routes: services that it does not touch keep theirs.</summary>
/// <param name="known">The routes before the change.</param>
internal sealed class RouteChange(FrozenDictionary<string, ServiceRoutes> known)
{
    // What all instances of a service are in the order of.
    private static readonly Comparer<ServiceInstance> NewestFirst = Comparer<ServiceInstance>.Create((one, other) => Compare(one.Node, other.Node));

    private readonly HashSet<string> _touched = [];
    private readonly List<NodeEntry> _came = [];

    /// <summary>Takes note of a node that may have changed.</summary>
    /// <param name="node">The node as it is now.</param>
    /// <param name="before">What its routes were made of.</param>
    public void Note(NodeEntry node, Hosting before)
    {
        if (node.Hosting == before || !(node.TakesCalls || before.TakesCalls))
        {
            return;
        }

        if (!before.TakesCalls)
        {
            _came.Add(node);
        }

        var isOther = node.TakesCalls != before.TakesCalls || node.Status != before.Status;
        _touched.UnionWith(node.Services.Select(service => service.Name).Where(service => isOther || node.Hosting.ConditionOf(service) != before.ConditionOf(service)));
    }

    /// <summary>Takes note of a node that is not in the registry any more.</summary>
    public void NoteGone(NodeEntry node)
    {
        node.TakesCalls = false;
        _touched.UnionWith(node.Services.Select(service => service.Name));
    }

    /// <summary>
    /// Gives the routes after the change. A service that nobody hosts any more stays known, so that a call to it is
    /// answered with "no node hosts it" and not with "no such method".
    /// </summary>
    public FrozenDictionary<string, ServiceRoutes> Routes(IReadOnlyCollection<string> stableRoles, string? localNodeId)
    {
        if (_touched.Count == 0)
        {
            return known;
        }

        _came.RemoveAll(node => !node.TakesCalls);
        _came.Sort(Compare);
        var coming = _came.SelectMany(node => node.Services, (node, service) => Instance(node, service, localNodeId)).ToLookup(instance => instance.Description.Name);
        var routes = known.ToDictionary();
        foreach (var service in _touched)
        {
            var instances = Instances(service, coming[service]);
            if ((instances is [var newest, ..] ? newest.Description : known.GetValueOrDefault(service)?.Description) is { } description)
            {
                routes[service] = new ServiceRoutes(description, instances, stableRoles, localNodeId);
            }
        }

        return routes.ToFrozenDictionary();
    }

    private List<ServiceInstance> Instances(string service, IEnumerable<ServiceInstance> coming)
    {
        List<ServiceInstance> instances = known.TryGetValue(service, out var routes) ? [.. routes.All] : [];
        instances.RemoveAll(instance => !instance.Node.TakesCalls);
        foreach (var instance in coming)
        {
            instances.Insert(~instances.BinarySearch(instance, NewestFirst), instance);
        }

        foreach (var instance in instances)
        {
            instance.Condition = instance.Node.Hosting.ConditionOf(service);
        }

        return instances;
    }

    private static ServiceInstance Instance(NodeEntry node, ServiceDescription service, string? localNodeId) =>
        new(node, GrainId.Create(ServiceContract.GrainTypeOf(service.Name), IdSpan.Create(node.NodeId)), service) { IsLocal = node.NodeId == localNodeId };

    private static int Compare(NodeEntry one, NodeEntry other) =>
        other.Card!.StartedAt.CompareTo(one.Card!.StartedAt) is var order and not 0 ? order : string.CompareOrdinal(one.NodeId, other.NodeId);
}
