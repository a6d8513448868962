using Orrery.Rpc;

namespace Orrery.Cluster.Tests.Services;

internal sealed class ProbeGrain(LocalNode node, Proxy proxy, Signals signals) : Grain, IProbe
{
    private int _count;

    public Task<string> Where() => Task.FromResult(node.NodeId);

    public Task<Order> Price(Order order, decimal perItem) => Task.FromResult(order with { Total = order.Count * perItem });

    public Task Refuse(string message) => throw new RpcException(1234, message, new { hint = "try later" });

    public Task Break() => throw new InvalidOperationException("secret");

    public async Task<bool> Wait(string name, CancellationToken cancellationToken)
    {
        signals.Set($"{name} started");
        signals.Set($"{name} on {node.NodeId}");
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(cancelled.SetResult);
        await cancelled.Task;
        signals.Set($"{name} cancelled");
        return true;
    }

    public ValueTask Nothing() => default;

    public ValueTask<int> Increment() => new(++_count);

    // A calls B calls A: a service that were not reentrant would wait for itself.
    public async Task<string> CallBack(string nodeId) => nodeId == node.NodeId
        ? await Where()
        : await proxy.Get<IProbe>(nodeId).CallBack(nodeId) + " asked by " + await proxy.Get<IProbe>(node.NodeId).Where();

    public async IAsyncEnumerable<string> Steps(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return $"{node.NodeId} {i}";
        }
    }
}

internal sealed class OnlyOnCoordinatorsGrain(LocalNode node) : Grain, IOnlyOnCoordinators
{
    public Task<string> Where() => Task.FromResult(node.NodeId);
}

internal sealed class OnlyOnWorkersGrain(LocalNode node) : Grain, IOnlyOnWorkers
{
    public Task<string> Where() => Task.FromResult(node.NodeId);
}
