namespace Orrery.Grains.SystemService.Linux;

/// <summary>Measures how busy the processors are between two readings: the container's if it has a limit, else the machine's.</summary>
internal sealed class CpuMeter(KernelFiles files, TimeProvider time)
{
    private (long At, CpuTimes? Times, CpuLimit? Limit)? _earlier;

    /// <summary>Whether the last reading found what it needs.</summary>
    public bool Knows { get; private set; }

    /// <summary>The limit of the processors, in processors; null without one below what the machine has.</summary>
    public double? Limit { get; private set; }

    /// <summary>Gives how busy they were since the call before, 0 to 100; null when it can't be told.</summary>
    public double? Measure(Cgroups groups)
    {
        var times = CpuTimes.Parse(files.Read("proc/stat"));
        var limit = CpuLimit.Find(files, groups, times?.Processors ?? Environment.ProcessorCount);
        var now = time.GetTimestamp();
        var percent = _earlier is not { } earlier ? null
            : limit is { } current ? earlier.Limit is { } before ? current.PercentSince(before, time.GetElapsedTime(earlier.At, now)) : null
            : earlier.Times is { } then ? times?.PercentSince(then) : null;
        _earlier = (now, times, limit);
        Knows = limit is { } known ? known.Used is not null : times is not null;
        Limit = limit?.Processors;
        return percent;
    }
}
