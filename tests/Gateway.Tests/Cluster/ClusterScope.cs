using Orrery.Gateway.Tests.Services;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>What the nodes of one cluster share, and no other cluster on the machine has.</summary>
public sealed class ClusterScope
{
    public int SeedPort { get; } = LoopbackPort.Free();

    public string Seed => $"127.0.0.1:{SeedPort}";

    public ErrorLog Errors { get; } = new();

    public Signals Signals { get; } = new();
}
