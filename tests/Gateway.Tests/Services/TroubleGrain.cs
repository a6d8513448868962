using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

internal sealed class TroubleGrain(Signals signals, Proxy proxy) : Grain, ITrouble
{
    public Task Refuse(string message) => throw new RpcException(message);

    public Task RefuseWithCode(int code, string message, string hint) => throw new RpcException(code, message, new { hint });

    public Task RefuseParameter(int value) => throw RpcException.InvalidParameter("value", $"{value} is odd. Give an even number.");

    public Task Break(string secret) => throw new InvalidOperationException(secret);

    public async Task BreakLater(string secret)
    {
        await Task.Yield();
        throw new InvalidOperationException(secret);
    }

    public async Task<string> CallUnknownNode() => (await proxy.Call<string>("probe/no-such-node/where"))!;

    public Task Signal(string name)
    {
        signals.Set(name);
        return Task.CompletedTask;
    }

    public async Task SignalAfter(string name, string other)
    {
        await signals.Seen(other);
        signals.Set(name);
    }

    public Task WaitFor(string name) => signals.Seen(name);

    public async Task Wait(string name, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(cancelled.SetResult);
        signals.Set($"{name} started");
        await cancelled.Task;
        signals.Set($"{name} cancelled");
    }

    public ValueTask Nothing() => default;

    public Task<string?> Null() => Task.FromResult<string?>(null);

    public Task<string> Big(int length) => Task.FromResult(new string('x', length));

    public async Task<int> Count(string name, bool refuse, string? after)
    {
        var count = signals.Count(name);
        if (after is not null)
        {
            await signals.Seen(after);
        }

        return refuse ? throw new RpcException($"Refused {count}.") : count;
    }

    public Task Private() => Task.CompletedTask;
}

internal sealed class FragileGrain : Grain, IFragile
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("a fragile secret");

    public Task Touch() => Task.CompletedTask;
}

internal sealed class EdgeGrain(LocalNode node) : Grain, IEdge
{
    public Task<string> Where() => Task.FromResult(node.NodeId);
}

internal sealed class VisitGrain(LocalNode node) : Grain, IVisit
{
    public Task<string> Where() => Task.FromResult(node.NodeId);
}

internal sealed class SpecificationGrain : Grain, ISpecification
{
    private static readonly object[] Data = ["hello", 5];

    public Task Update(params int[] values) => Task.CompletedTask;

    public Task NotifyHello(int value) => Task.CompletedTask;

    public Task NotifySum(params int[] values) => Task.CompletedTask;

    public Task<RawJson> GetData() => Task.FromResult(RawJson.From(Data));
}
