using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Cluster.Tests.Services;

/// <summary>A service with room for two calls at once on a node, for tests of calls that wait, fail or come too late.</summary>
[Service(Roles = ["worker"], MaxRunning = 2)]
public interface IStrained : IService
{
    /// <summary>Runs until the test says so.</summary>
    Task<string> Hold(string name);

    /// <summary>The same, unless it is cancelled.</summary>
    [ServiceMethod(TimeoutSeconds = 0.05)]
    Task<string> HoldBriefly(string name, CancellationToken cancellationToken);

    [ServiceMethod(Idempotent = true)]
    Task<string> Where();

    /// <summary>Answers at once, but the first call of a name, which waits until the test says so.</summary>
    [ServiceMethod(Idempotent = true, Hedged = true)]
    Task<string> Hesitate(string? name = null);

    /// <summary>The same, and not hedged.</summary>
    [ServiceMethod(Idempotent = true)]
    Task<string> Falter(string name);

    /// <summary>The milliseconds that are left, here and on another node that this one asks.</summary>
    Task<double?[]> Remaining(string? next = null);

    /// <summary>Counts itself, and calls what does not run.</summary>
    Task CallInVain(string name, string address);

    /// <summary>Counts itself, and makes a typed call that does not run.</summary>
    Task CallInVainTyped(string name, string nodeId);

    /// <summary>Waits on another node until it is cancelled.</summary>
    Task<bool> WaitOn(string nodeId, string name, CancellationToken cancellationToken);
}

internal sealed class StrainedGrain(LocalNode node, Proxy proxy, Signals signals) : Grain, IStrained
{
    public async Task<string> Hold(string name)
    {
        signals.Count($"{name} runs");
        await signals.Seen($"{name} may end");
        return node.NodeId;
    }

    public async Task<string> HoldBriefly(string name, CancellationToken cancellationToken)
    {
        signals.Count($"{name} runs");
        await signals.Seen($"{name} may end").WaitAsync(cancellationToken);
        return node.NodeId;
    }

    public Task<string> Where() => Task.FromResult(node.NodeId);

    public async Task<string> Hesitate(string? name)
    {
        if (name is not null && signals.Count($"{name} runs") == 1)
        {
            await signals.Seen($"{name} may end");
        }

        return node.NodeId;
    }

    public Task<string> Falter(string name) => Hesitate(name);

    public async Task<double?[]> Remaining(string? next) =>
        [CallScope.Remaining?.TotalMilliseconds, .. next is null ? [] : await proxy.Get<IStrained>(next).Remaining()];

    public Task CallInVain(string name, string address)
    {
        signals.Count($"{name} runs");
        return proxy.Call(address);
    }

    public Task CallInVainTyped(string name, string nodeId)
    {
        signals.Count($"{name} runs");
        return proxy.Get<IOnlyOnCoordinators>(nodeId).Where();
    }

    public Task<bool> WaitOn(string nodeId, string name, CancellationToken cancellationToken) => proxy.Get<IProbe>(nodeId).Wait(name, cancellationToken);
}
