using Orleans.Configuration;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>A gateway of its own cluster that waits for no method longer than a moment.</summary>
public sealed class HurriedGateway : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private GatewayNode? _gateway;

    public RpcClient Client => _gateway!.Client;

    public ClusterScope Scope => _gateway!.Scope;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayNode.StartAsync(node => node.Silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = Moment));
        // Whoever is to be stopped in a method must be in it in time: the first call of all takes the longest.
        await Client.CallAsync("trouble/nothing");
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }
}
