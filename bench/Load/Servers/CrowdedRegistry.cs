using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;
using Orrery.Simulation;

namespace Orrery.Load.Servers;

/// <summary>
/// Tells the registry of a node of 998 nodes with 200 services more than there are, so that it has 1,000 beside one worker.
/// Orleans does not see them, and no call goes there.
/// </summary>
internal sealed class CrowdedRegistry(IClusterManifestProvider manifests, IClusterMembershipService membership) : IClusterManifestProvider, IClusterMembershipService
{
    private static readonly SimulatedNodes Others = new(nodes: 998, roles: 10, services: 200);

    private readonly Dictionary<SiloAddress, ClusterMember> _members = Others.Members.ToDictionary(member => member.SiloAddress);
    private readonly Dictionary<SiloAddress, GrainManifest> _manifests = Others.Manifests.ToDictionary();

    public ClusterMembershipSnapshot CurrentSnapshot => new(membership.CurrentSnapshot.Members.AddRange(_members), membership.CurrentSnapshot.Version);

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => membership.MembershipUpdates;

    public ClusterManifest Current => new(manifests.Current.Version, manifests.Current.Silos.AddRange(_manifests));

    public IAsyncEnumerable<ClusterManifest> Updates => manifests.Updates;

    public GrainManifest LocalGrainManifest => manifests.LocalGrainManifest;

    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var crowd = new CrowdedRegistry(provider.GetRequiredService<IClusterManifestProvider>(), provider.GetRequiredService<IClusterMembershipService>());
            return new NodeRegistry(
                crowd,
                crowd,
                provider.GetRequiredService<LocalNode>(),
                provider.GetRequiredService<IOptions<RoutingOptions>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<NodeRegistry>>());
        });
        // There is nobody to tell.
        services.Remove(services.Single(service => service.ImplementationType == typeof(ConditionNews)));
    }

    ValueTask IClusterMembershipService.Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => membership.Refresh(minimumVersion, cancellationToken);

    Task<bool> IClusterMembershipService.TryKill(SiloAddress siloAddress) => membership.TryKill(siloAddress);
}
