using System.Collections.Concurrent;
using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

internal sealed class TroubleGrain(Proxy proxy, Signals signals) : Grain, ITrouble
{
    public const string SecretText = "connection string of the database";

    public Task<object[]> GetData() => Task.FromResult<object[]>(["hello", 5]);

    public Task Refuse() => throw new RpcException("Not today.");

    public Task RefuseWithCode(int code) => throw new RpcException(code, "Not this one.", new { left = 3 });

    public Task RefuseParameter(int amount) => throw RpcException.InvalidParameter("amount", $"{amount} is too much.");

    public Task Break() => throw new InvalidOperationException(SecretText);

    public Task<double> NotANumber() => Task.FromResult(double.NaN);

    public async Task<string> Nested(string address) => (await proxy.Call<string>(address))!;

    public Task Never() => new TaskCompletionSource().Task;

    public async Task WaitUntilCancelled(string name, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(cancelled.SetResult);
        signals.Set($"{name} started");
        await cancelled.Task;
        signals.Set($"{name} cancelled");
    }

    public Task<string> Repeat(string text, int times) => Task.FromResult(string.Concat(Enumerable.Repeat(text, times)));

    public Task Secret() => Task.CompletedTask;
}

internal sealed class StillbornGrain : Grain, IStillborn
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) => throw new InvalidOperationException(TroubleGrain.SecretText);

    public Task Live() => Task.CompletedTask;
}

internal sealed class OnWorkersGrain(LocalNode node) : Grain, IOnWorkers
{
    public Task<string> Where() => Task.FromResult(node.NodeId);
}

/// <summary>Lets a test wait for what happens inside a service.</summary>
public sealed class Signals
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();

    public void Set(string name) => Of(name).TrySetResult();

    public Task Seen(string name) => Of(name).Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private TaskCompletionSource Of(string name) => _signals.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
