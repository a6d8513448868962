using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Simulation;

/// <summary>A registry that is told of simulated nodes, by a membership and a manifest that change when they are told to.</summary>
internal sealed class SimulatedCluster : IClusterMembershipService, IClusterManifestProvider
{
    private long _version;

    public SimulatedCluster(SimulatedNodes nodes)
    {
        CurrentSnapshot = new ClusterMembershipSnapshot(nodes.Members.ToImmutableDictionary(member => member.SiloAddress), new MembershipVersion(0));
        Current = new ClusterManifest(MajorMinorVersion.Zero, nodes.Manifests.ToImmutableDictionary());
        Registry = new NodeRegistry(this, this, local: null, Options.Create(new RoutingOptions()), TimeProvider.System, NullLogger<NodeRegistry>.Instance);
        Registry.Rebuild();
    }

    public NodeRegistry Registry { get; }

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; }

    public ClusterManifest Current { get; }

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => AsyncEnumerable.Empty<ClusterMembershipSnapshot>();

    public IAsyncEnumerable<ClusterManifest> Updates => AsyncEnumerable.Empty<ClusterManifest>();

    public GrainManifest LocalGrainManifest => throw new NotSupportedException();

    /// <summary>Gives a member another status, and has the registry take that in.</summary>
    public void Set(SiloAddress silo, string name, SiloStatus status)
    {
        CurrentSnapshot = new ClusterMembershipSnapshot(CurrentSnapshot.Members.SetItem(silo, new ClusterMember(silo, status, name)), new MembershipVersion(++_version));
        Registry.Rebuild();
    }

    ValueTask IClusterMembershipService.Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    Task<bool> IClusterMembershipService.TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
}
