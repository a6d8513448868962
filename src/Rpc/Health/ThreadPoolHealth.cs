using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orrery.Rpc.Health;

/// <summary>Whether the thread pool moves: how many work items wait, and whether a new one gets its turn within a second.</summary>
internal sealed class ThreadPoolHealth(TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.SetResult(), turn, preferLocal: false);
        await turn.Task.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return turn.Task.IsCompleted
            ? HealthCheckResult.Healthy($"{ThreadPool.ThreadCount} threads, {ThreadPool.PendingWorkItemCount} work items wait.")
            : HealthCheckResult.Unhealthy($"None of the {ThreadPool.ThreadCount} threads is free: {ThreadPool.PendingWorkItemCount} work items wait. Look for code that blocks threads.");
    }
}
