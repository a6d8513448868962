using Orleans.Metadata;
using Orleans.Runtime;

namespace Orrery.Rpc.Registry;

/// <summary>An Orleans client has the manifest and no membership: whoever has a card there is active.</summary>
internal static class ClientMembers
{
    public static IEnumerable<ClusterMember> Of(ClusterManifest manifest) =>
        manifest.Silos
            .Where(silo => silo.Value.Grains.ContainsKey(NodeCard.GrainType))
            .Select(silo => new ClusterMember(silo.Key, SiloStatus.Active, silo.Value.Grains[NodeCard.GrainType].Properties[NodeCard.NodeIdKey]));
}
