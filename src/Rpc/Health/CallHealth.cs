using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Health;

/// <summary>Whether a call to this node goes through within a second, all the way that any other call takes.</summary>
internal sealed class CallHealth(IGrainFactory grains, LocalNode local, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await NodeCardGrain.Of(grains, local.NodeId).Ping().AsTask().WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy($"A call to {local.NodeId} took {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"A call to {local.NodeId} does not go through: {exception.Message}");
        }
    }
}
