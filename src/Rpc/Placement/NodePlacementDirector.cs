using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Placement;

/// <summary>Finds the node that a service grain's key names, or says that it isn't there.</summary>
internal sealed class NodePlacementDirector(IClusterMembershipService membership, NodeRegistry registry) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var nodeId = target.GrainIdentity.Key.ToString()!;
        SiloAddress[] hosts;
        try
        {
            hosts = context.GetCompatibleSilos(target);
        }
        catch (OrleansException)
        {
            // Hosted nowhere. Orleans would try an OrleansException three times more, for half a second.
            hosts = [];
        }

        // A restarted node takes its old name while the old row may still stand: the newest one is the live one.
        var members = membership.CurrentSnapshot.Members;
        SiloAddress? found = null;
        foreach (var host in hosts)
        {
            if (members.TryGetValue(host, out var member)
                && member.Status is SiloStatus.Active
                && string.Equals(member.Name, nodeId, StringComparison.Ordinal)
                && (found is null || host.Generation > found.Generation))
            {
                found = host;
            }
        }

        return found is not null
            ? Task.FromResult(found)
            : Task.FromException<SiloAddress>(new RpcException(NotFound(target.GrainIdentity.Type, nodeId)));
    }

    private RpcError NotFound(GrainType grainType, string nodeId)
    {
        var name = ServiceContract.NameOf(grainType);
        return registry.Current.Service(name) is { } service
            ? RoutingErrors.NotFound(registry.Current, service, method: null, nodeId)
            : RoutingErrors.UnknownService(name);
    }
}
