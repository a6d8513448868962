using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Health;

/// <summary>
/// Whether the node is alive: each second it takes a thread of the pool and makes a call to itself. A node that is busy does
/// so late. One that has not for <see cref="Longest"/> hangs, and only a restart helps.
/// </summary>
internal sealed class Pulse(IGrainFactory grains, NodeRegistry registry, LocalNode local, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService, IHealthCheck
{
    /// <summary>With three probes, five seconds apart, that makes less than the half minute after which a hung node must be gone.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private long _last = time.GetTimestamp();

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var silence = time.GetElapsedTime(Volatile.Read(ref _last));
        return Task.FromResult(
            lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Healthy($"{local.NodeId} was told to stop, and ends by itself.")
            : !registry.IsFollowing ? HealthCheckResult.Unhealthy($"The registry of {local.NodeId} no longer follows the cluster.")
            : silence > Longest ? HealthCheckResult.Unhealthy($"{local.NodeId} hangs: no call to itself has gone through for {silence.TotalSeconds:0} s.")
            : HealthCheckResult.Healthy($"A call of {local.NodeId} to itself went through {silence.TotalSeconds:0.0} s ago."));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await NodeCardGrain.Of(grains, local.NodeId).Ping().AsTask().WaitAsync(Patience, time, stoppingToken);
                Volatile.Write(ref _last, time.GetTimestamp());
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // It is the silence that tells, and the check that says so.
            }
        }
    }
}
