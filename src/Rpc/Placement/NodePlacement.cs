using System.Diagnostics.CodeAnalysis;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Placement;

/// <summary>A grain of a service runs on the node that its key names, and nowhere else.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("orrery.placement")]
internal sealed class NodePlacement : PlacementStrategy
{
    public static NodePlacement Instance { get; } = new();
}

/// <summary>
/// Claims every grain type with the services' prefix. Orleans remembers a grain type's strategy at its first use; on a
/// node that calls a service before the manifest of a hosting node has arrived, that would be the default strategy,
/// for ever, and the service would be started on any node.
/// </summary>
internal sealed class NodePlacementResolver : IPlacementStrategyResolver
{
    public bool TryResolvePlacementStrategy(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out PlacementStrategy? result)
    {
        var isService = ServiceContract.IsService(grainType);
        result = isService ? NodePlacement.Instance : null;
        return isService;
    }
}
