using Microsoft.Extensions.Options;
using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Routing;

/// <summary>
/// Decides whether a call to a role or to any node is tried on another one: when it certainly did not run, or its method may
/// run twice.
/// </summary>
internal sealed class Failover(IOptions<CallsOptions> options, CallStatistics statistics, TimeProvider time)
{
    private const int FirstPauseMs = 10;

    private readonly int _mostAttempts = options.Value.MaxAttempts;
    private readonly RetryBudget _budget = new(statistics.CountCalls, options.Value.RetryPercent, time);

    /// <summary>Whether there may be another attempt, which this takes out of the budget.</summary>
    /// <param name="error">What the last attempt came to.</param>
    /// <param name="idempotent">Whether the method is declared so.</param>
    /// <param name="attempts">The attempts so far.</param>
    public bool MayTryAgain(RpcError error, bool idempotent, int attempts) =>
        attempts < _mostAttempts
        && (CallFailure.IsRefused(error) || (idempotent && error is { Code: (int)RpcErrorCode.NodeUnavailable, Executed: Executed.Maybe }))
        && _budget.TryTake();

    /// <summary>Whether a second attempt may begin beside the first, which this takes out of the budget.</summary>
    public bool MayHedge() => _mostAttempts > 1 && _budget.TryTake();

    /// <summary>Waits a random while, so that the calls that one node dropped do not come to another one all at once.</summary>
    public Task PauseAsync(int attempts, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * FirstPauseMs * (1 << (attempts - 1))), time, cancellationToken);
}
