using Microsoft.Extensions.Logging;
using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.SystemService;

/// <summary>Takes samples of the machine and the process. A rate is the difference between two of them.</summary>
/// <remarks>
/// A sample takes a fraction of a millisecond and waits for nothing: the disks are measured aside. What the platform
/// doesn't tell is null, and said once in the log.
/// </remarks>
internal sealed partial class MetricsSampler(string nodeId, KernelFiles files, DiskWatch disks, TimeProvider time, ILogger<MetricsSampler> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LayoutInterval = TimeSpan.FromSeconds(15);

    private readonly CpuMeter _cpu = new(files, time);
    private readonly ProcessMeter _process = new(time);
    private readonly HashSet<string> _missing = [];
    private (long ReadAt, Cgroups Groups, IReadOnlySet<string> Disks)? _layout;

    /// <summary>Takes a sample.</summary>
    public SystemMetrics Sample()
    {
        var (_, groups, wholeDisks) = Layout();
        _ = disks.RefreshAsync();
        var cpu = _cpu.Measure(groups);
        NoteUnless(_cpu.Knows, "the use of the processors");
        return new SystemMetrics(
            nodeId,
            time.GetUtcNow(),
            cpu,
            Noted(Memory(groups), "the memory"),
            disks.Newest,
            Noted(DiskStats.Parse(files.Read("proc/diskstats"), wholeDisks), "the disks' counters"),
            Noted(NetDev.Parse(files.Read("proc/net/dev")), "the network's counters"),
            Noted(LoadAvg.Parse(files.Read("proc/loadavg")), "the load average"),
            ProcessCount(),
            _process.Measure(_cpu.Limit));
    }

    private MemoryMetrics? Memory(Cgroups groups)
    {
        var machine = MemInfo.Parse(files.Read("proc/meminfo"));
        return MemoryLimit.Find(files, groups, machine?.TotalBytes ?? MemoryLimit.Unlimited) is not { } limit ? machine
            : limit.UsedBytes is { } used ? MemInfo.Memory(limit.LimitBytes, limit.LimitBytes - used)
            : null;
    }

    private int? ProcessCount()
    {
        var count = files.CountNumbers("proc") is { } number and > 0 ? number : (int?)null;
        NoteUnless(count is not null, "the processes");
        return count;
    }

    // Control groups and disks come and go seldom.
    private (long ReadAt, Cgroups Groups, IReadOnlySet<string> Disks) Layout()
    {
        var now = time.GetTimestamp();
        if (_layout is not { } layout || time.GetElapsedTime(layout.ReadAt, now) >= LayoutInterval)
        {
            layout = (now, Cgroups.Find(files), DiskStats.Disks(files));
            _layout = layout;
        }

        return layout;
    }

    private T? Noted<T>(T? value, string what)
        where T : class
    {
        NoteUnless(value is not null, what);
        return value;
    }

    private void NoteUnless(bool isKnown, string what)
    {
        if (!isKnown && _missing.Add(what))
        {
            LogMissing(what);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The platform does not tell {What}")]
    private partial void LogMissing(string what);
}
