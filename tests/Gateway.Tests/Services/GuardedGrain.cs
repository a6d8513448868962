using Orrery.Rpc;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Tests.Services;

internal sealed class GuardedGrain(Proxy proxy) : Grain, IGuarded
{
    private readonly TaskCompletionSource _ended = new();
    private readonly TaskCompletionSource<string?> _later = new();

    private static Task<string?> Caller => Task.FromResult(Rpc.Security.Caller.Current?.Id);

    public Task<string?> Open() => Caller;

    public Task<string?> Plain() => Caller;

    public Task<string?> Cancel() => Caller;

    public Task<string?> Ship() => Caller;

    public Task<string?> Inside() => Caller;

    public async Task<IReadOnlyList<string?>> WhoAsks(IReadOnlyList<string> nodes)
    {
        var here = await Caller;
        var rest = nodes.Skip(1).ToArray();
        IReadOnlyList<string?> there = nodes.Count == 0 ? []
            : nodes.Count % 2 == 0 ? await proxy.Get<IGuarded>(nodes[0]).WhoAsks(rest)
            : (await proxy.Call<string[]>($"guarded/{nodes[0]}/who_asks", new { nodes = rest }))!;
        return [here, .. there];
    }

    public Task WhoAsksLater()
    {
        _ = LaterAsync();
        return Task.CompletedTask;
    }

    public Task<string?> WhoAskedLater()
    {
        _ended.TrySetResult();
        return _later.Task;
    }

    private async Task LaterAsync()
    {
        await _ended.Task;
        _later.TrySetResult(await Caller);
    }
}
