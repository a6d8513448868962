namespace Orrery.Grains.SystemService.Linux;

/// <summary>Reads the machine's memory from <c>/proc/meminfo</c>.</summary>
internal static class MemInfo
{
    public static MemoryMetrics? Parse(ReadOnlySpan<byte> meminfo) =>
        Bytes(meminfo, "MemTotal:"u8) is { } total && Bytes(meminfo, "MemAvailable:"u8) is { } available
            ? Memory(total, available)
            : null;

    /// <summary>Makes the figures of the two that the others follow from.</summary>
    public static MemoryMetrics? Memory(long total, long available)
    {
        var free = Math.Clamp(available, 0, total);
        return Percent.Of(total - free, total) is { } percent ? new MemoryMetrics(total, total - free, free, percent) : null;
    }

    // The file calls kibibytes kB.
    private static long? Bytes(ReadOnlySpan<byte> meminfo, ReadOnlySpan<byte> name) =>
        KernelText.CountOf(meminfo, name) is { } kibibytes ? long.CreateSaturating((Int128)kibibytes * 1024) : null;
}
