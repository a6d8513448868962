using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;
using Orrery.Rpc.Registry;

namespace Orrery.Gateway.Tests.Security;

/// <summary>A gateway that asks callers for tokens, and a worker.</summary>
public sealed class GuardedGateway : IAsyncLifetime
{
    private readonly TestIssuer _issuer = new();
    private SiloNode? _worker;

    internal TestIssuer Issuer => _issuer;

    public GatewayNode Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Gateway = await GatewayNode.StartAsync(
            configure: null,
            "--Orrery:Authentication:Keys", _issuer.PublicKeys,
            "--Orrery:Authorization:Roles:clerk", "orders/cancel, registry/*",
            "--Orrery:Authorization:Roles:admin", "*",
            "--Orrery:Authorization:Callers:carol", "orders/ship");
        _worker = await SiloNode.StartAsync(Gateway.Scope, TwoNodes.WorkerId, "worker");
        await Gateway.Registry.WaitUntilAsync(registry => registry.Nodes.Count(node => node.Status is NodeStatus.Alive) == 2, TestContext.Current.CancellationToken);
    }

    /// <summary>Calls with a token, or without any.</summary>
    public Task<Reply> CallAsync(string? token, string method, string? parameters = null) => PostAsync(token, RpcClient.Request(method, parameters));

    public Task<Reply> PostAsync(string? token, string json) =>
        token is null ? Gateway.Client.PostAsync(json) : Gateway.Client.PostAsync(json, "Authorization", $"Bearer {token}");

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        await Gateway.DisposeAsync();
        _issuer.Dispose();
    }
}
