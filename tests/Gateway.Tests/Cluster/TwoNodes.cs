using Orrery.Gateway.Tests.Wire;
using Orrery.Rpc.Registry;

[assembly: AssemblyFixture(typeof(Orrery.Gateway.Tests.Cluster.TwoNodes))]

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>A gateway and a worker, one pair for all tests.</summary>
public sealed class TwoNodes : IAsyncLifetime
{
    public const string WorkerId = "worker-1";

    private GatewayNode? _gateway;
    private SiloNode? _worker;

    public GatewayNode Gateway => _gateway!;

    public RpcClient Client => Gateway.Client;

    public ClusterScope Scope => Gateway.Scope;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayNode.StartAsync();
        _worker = await SiloNode.StartAsync(Scope, WorkerId, "worker", "batch");
        await Gateway.Registry.WaitUntilAsync(
            registry => registry.Nodes.Count(node => node.Status is NodeStatus.Alive) == 2,
            TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }
}
