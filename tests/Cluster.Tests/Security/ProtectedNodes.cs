using Orrery.Cluster.Tests.InProcess;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Security;

/// <summary>Two nodes that ask each other for certificates.</summary>
public sealed class ProtectedNodes : IAsyncLifetime
{
    private TestNode? _worker;

    internal TestAuthority Authority { get; } = new();

    public ClusterPorts Ports { get; } = new();

    public TestNode Seed { get; private set; } = null!;

    /// <summary>Settings with a certificate of the cluster's authority.</summary>
    internal static Dictionary<string, string?> Settings(TestAuthority authority, string name)
    {
        var (certificate, key) = authority.WritePem(authority.Issue(["orrery"]), name);
        return new() { ["Orrery:NodeTls:Certificate"] = certificate, ["Orrery:NodeTls:Key"] = key, ["Orrery:NodeTls:Ca"] = authority.File };
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var (key, value) in Settings(Authority, "node"))
        {
            Ports.Settings[key] = value;
        }

        Seed = await TestNode.StartAsync(Ports, "coordinator-1", "coordinator", isSeed: true);
        _worker = await TestNode.StartAsync(Ports, "worker-1", "worker");
        await Seed.SeesAsync("coordinator-1", "worker-1");
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        await Seed.DisposeAsync();
        Authority.Dispose();
    }
}
