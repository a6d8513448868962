using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orrery.Grains.SystemService.Linux;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Grains.SystemService;

/// <inheritdoc cref="ISystem"/>
internal sealed class SystemGrain(LocalNode node, CallStatistics calls, TimeProvider time, ILogger<MetricsSampler> logger) : Grain, ISystem
{
    private static readonly TimeSpan PatienceWithDisks = TimeSpan.FromMilliseconds(500);

    private readonly DiskWatch _disks = new(new KernelFiles(), time, DiskSpace.Measure);
    private MetricsSampler _sampler = null!;
    private SystemMetrics _newest = null!;

    /// <summary>Takes the first sample, so that the first call has something to give.</summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await _disks.RefreshAsync().WaitAsync(PatienceWithDisks, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _sampler = new MetricsSampler(node.NodeId, new KernelFiles(), _disks, time, logger);
        _newest = _sampler.Sample();
        this.RegisterGrainTimer(TakeSample, new GrainTimerCreationOptions(MetricsSampler.Interval, MetricsSampler.Interval) { Interleave = true });
    }

    public Task<SystemInfo> GetSystemInfo() => Task.FromResult(new SystemInfo(
        node.NodeId,
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription,
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Math.Round((time.GetUtcNow() - node.StartedAt).TotalSeconds, 3),
        node.Version));

    public Task<IReadOnlyList<CallCounts>> GetCallCounts() => Task.FromResult(calls.Read());

    public Task<SystemMetrics> GetSystemMetrics() => Task.FromResult(_newest);

    private Task TakeSample(CancellationToken cancellationToken)
    {
        _newest = _sampler.Sample();
        return Task.CompletedTask;
    }
}
