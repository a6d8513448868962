using Orrery.Cluster.Tests.Processes;
using Orrery.Rpc.Hosting;

namespace Orrery.Cluster.Tests.Versions;

/// <summary>A gateway, and two versions of the stock and of the desks that call it, as in the middle of a roll.</summary>
public sealed class MixedCluster : IAsyncLifetime
{
    private readonly ProcessCluster _cluster = new();

    internal RpcClient Client { get; private set; } = null!;

    /// <summary>Where client programs reach stock-2.</summary>
    public int ClientPortOfTwo { get; } = LoopbackPort.Free();

    /// <summary>The folder that a version of the services was built to.</summary>
    public static string Services(string version) => Repository.Output($"samples/Versions/{version}");

    public async ValueTask InitializeAsync()
    {
        Client = await _cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await _cluster.StartNodeAsync("--node-id", "stock-1", "--role", "worker", "--services", Services("One"));
        await _cluster.StartNodeAsync("--node-id", "stock-2", "--role", "worker", "--services", Services("Two"), "--client-port", $"{ClientPortOfTwo}");
        await _cluster.StartNodeAsync("--node-id", "desk-1", "--role", "desk", "--services", Services("One"));
        await _cluster.StartNodeAsync("--node-id", "desk-2", "--role", "desk", "--services", Services("Two"));
        await Client.NodesWhenAsync(nodes => ((string[])["stock-1", "stock-2", "desk-1", "desk-2"]).All(id => nodes.Has(id, "alive")));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
