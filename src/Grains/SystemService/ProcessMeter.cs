using System.Diagnostics;
using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.SystemService;

/// <summary>Measures this process. Works on every platform.</summary>
internal sealed class ProcessMeter
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _ageAtStart;
    private readonly long _start;
    private (long At, TimeSpan Cpu)? _earlier;

    public ProcessMeter(TimeProvider time)
    {
        using var process = Process.GetCurrentProcess();
        _time = time;
        // The operating system's clock wrote the start, so its clock gives the age.
        _ageAtStart = TimeProvider.System.GetUtcNow() - process.StartTime.ToUniversalTime();
        _start = time.GetTimestamp();
    }

    /// <summary>Gives the figures, with the use of the processors since the call before.</summary>
    /// <param name="cpuLimit">The container's limit, in processors, if it has one.</param>
    public ProcessMetrics Measure(double? cpuLimit)
    {
        var now = _time.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var processors = Math.Min(cpuLimit ?? Environment.ProcessorCount, Environment.ProcessorCount);
        var percent = _earlier is { } earlier && cpu >= earlier.Cpu
            ? Percent.Of((cpu - earlier.Cpu).TotalSeconds, _time.GetElapsedTime(earlier.At, now).TotalSeconds * processors)
            : null;
        _earlier = (now, cpu);
        var pause = GC.GetTotalPauseDuration();
        var age = _ageAtStart + _time.GetElapsedTime(_start, now);
        return new ProcessMetrics(
            percent,
            Environment.WorkingSet,
            GC.GetGCMemoryInfo().HeapSizeBytes,
            Math.Round(pause.TotalSeconds, 3),
            Percent.Of(pause.TotalSeconds, age.TotalSeconds) ?? 0,
            ThreadPool.ThreadCount,
            ThreadPool.PendingWorkItemCount);
    }
}
