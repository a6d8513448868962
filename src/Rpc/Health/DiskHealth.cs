using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orrery.Rpc.Health;

/// <summary>Whether there is room on the disk for temporary files, where large requests are kept. A full one makes the node degraded, no more.</summary>
internal sealed class DiskHealth : IHealthCheck
{
    private const long LeastFree = 64 << 20;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var folder = Path.GetTempPath();
        try
        {
            var free = new DriveInfo(folder).AvailableFreeSpace;
            return Task.FromResult(free < LeastFree
                ? HealthCheckResult.Degraded($"{folder} has {free >> 20} MiB left.")
                : HealthCheckResult.Healthy($"{folder} has {free >> 20} MiB left."));
        }
        catch (IOException exception)
        {
            return Task.FromResult(HealthCheckResult.Degraded($"{folder} can't be looked at: {exception.Message}"));
        }
    }
}
