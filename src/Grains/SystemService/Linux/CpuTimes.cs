namespace Orrery.Grains.SystemService.Linux;

/// <summary>What <c>/proc/stat</c> says of the processors, summed over all of them.</summary>
/// <param name="Busy">The time that they worked, in ticks.</param>
/// <param name="Idle">The time that they had nothing to do or waited for a disk, in ticks.</param>
/// <param name="Processors">How many are online.</param>
internal readonly record struct CpuTimes(long Busy, long Idle, int Processors)
{
    // user, nice, system, idle, iowait, irq, softirq, steal. The two after them are part of user and nice.
    private const int IdleColumn = 3;
    private const int WaitColumn = 4;
    private const int Columns = 8;

    public static CpuTimes? Parse(ReadOnlySpan<byte> stat)
    {
        CpuTimes? all = null;
        var processors = 0;
        foreach (var range in stat.Split((byte)'\n'))
        {
            var line = stat[range];
            var name = line.TakeWord();
            if (!name.StartsWith("cpu"u8))
            {
                break;
            }

            if (name.Length > "cpu".Length)
            {
                processors++;
            }
            else
            {
                all = ParseTimes(line);
            }
        }

        return all is { } times ? times with { Processors = Math.Max(processors, 1) } : null;
    }

    /// <summary>Gives the share of the time between two readings that the processors worked; null when it can't be told.</summary>
    public double? PercentSince(CpuTimes earlier)
    {
        // The kernel's documentation says that the time of waiting can go back a little.
        var idle = Math.Max(0, Idle - earlier.Idle);
        var busy = Busy - earlier.Busy;
        return busy < 0 ? null : Percent.Of(busy, (double)busy + idle);
    }

    private static CpuTimes? ParseTimes(ReadOnlySpan<byte> line)
    {
        Span<long> times = stackalloc long[Columns];
        times.Clear();
        if (line.TakeCounts(times) <= IdleColumn)
        {
            return null;
        }

        Int128 idle = (Int128)times[IdleColumn] + times[WaitColumn];
        Int128 busy = -idle;
        foreach (var time in times)
        {
            busy += time;
        }

        return new CpuTimes(long.CreateSaturating(busy), long.CreateSaturating(idle), 0);
    }
}
