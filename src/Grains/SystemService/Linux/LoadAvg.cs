namespace Orrery.Grains.SystemService.Linux;

/// <summary>Reads <c>/proc/loadavg</c>.</summary>
internal static class LoadAvg
{
    public static LoadAverage? Parse(ReadOnlySpan<byte> loadavg) =>
        loadavg.TakeDecimal() is { } one && loadavg.TakeDecimal() is { } five && loadavg.TakeDecimal() is { } fifteen
            ? new LoadAverage(one, five, fifteen)
            : null;
}
