using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.GrainDirectory;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.GrainDirectory;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Placement;

/// <summary>
/// Where a service's grain is stands in its key, so this node's registry is all the directory it needs. Orleans' own
/// spreads the entries over the nodes: the first call to a service asks another node, and while that one hangs, or is gone
/// and the database is away, it waits.
/// </summary>
internal sealed class NodeDirectory(IServiceProvider services, IClusterMembershipService membership) : IGrainDirectory
{
    // Asked for when used: it is made of what needs the directories.
    private readonly Lazy<NodeRegistry> _registry = new(services.GetRequiredService<NodeRegistry>);

    /// <summary>Gives the node of the key when it is alive and hosts the service; else the placement says what is wrong.</summary>
    public Task<GrainAddress?> Lookup(GrainId grainId)
    {
        var instance = _registry.Value.Current.Service(ServiceContract.NameOf(grainId.Type))?.OnNode(grainId.Key.ToString()!);
        return Task.FromResult(instance is null
            ? null
            : new GrainAddress { GrainId = grainId, SiloAddress = instance.Node.Silo, MembershipVersion = membership.CurrentSnapshot.Version });
    }

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress) => Register(address);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}

/// <summary>Claims every grain type with the services' prefix, as <see cref="NodePlacementResolver"/> does and for the same reason.</summary>
internal sealed class NodeDirectoryResolver(NodeDirectory directory) : IGrainDirectoryResolver
{
    public bool TryResolveGrainDirectory(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out IGrainDirectory? grainDirectory)
    {
        var isService = ServiceContract.IsService(grainType);
        grainDirectory = isService ? directory : null;
        return isService;
    }
}
