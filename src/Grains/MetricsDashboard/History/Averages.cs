namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>
/// Makes points of samples, and points of points. Reports come the faster the more a node's values move; so that the busy
/// times and the busy nodes count no more than the others, reports are averaged within five minutes, and anything above
/// that (longer times, the cluster) is the plain average of those averages.
/// </summary>
internal static class Averages
{
    /// <summary>The time of a roll-up.</summary>
    public static readonly TimeSpan RollupInterval = TimeSpan.FromMinutes(5);

    /// <summary>How far apart two reports may be that a rate is made of: twice what the longest interval between reports is.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(10);

    /// <summary>The beginning of the interval that a time is in; intervals are counted from midnight, 1 January 1970.</summary>
    public static DateTimeOffset Floor(DateTimeOffset at, TimeSpan interval) =>
        at.AddTicks(-((at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) % interval.Ticks));

    /// <summary>Makes points of one node's samples, which are in order. Samples before the time serve for the rates of those after it.</summary>
    public static IReadOnlyList<MetricsPoint> Points(IReadOnlyList<MetricsSample> samples, DateTimeOffset from, TimeSpan resolution) => Points(
        samples.Select((sample, i) => Point(sample, i > 0 ? samples[i - 1] : null)).Where(point => point.At >= from),
        resolution);

    /// <summary>Averages points over time.</summary>
    public static IReadOnlyList<MetricsPoint> Points(IEnumerable<MetricsPoint> points, TimeSpan resolution) =>
        [.. points.GroupBy(point => Floor(point.At, resolution)).Select(group => Average(group.Key, [.. group])).OrderBy(point => point.At)];

    /// <summary>Averages points of different nodes, or of different times.</summary>
    public static MetricsPoint Average(DateTimeOffset at, IReadOnlyList<MetricsPoint> points) => new(
        at,
        points.Sum(point => point.Samples),
        points.Average(point => point.CpuPercent),
        points.Max(point => point.CpuPercentMax),
        points.Average(point => point.MemoryPercent),
        points.Max(point => point.MemoryPercentMax),
        Bytes(points, point => point.MemoryUsedBytes),
        points.Average(point => point.Load),
        points.Average(point => point.ProcessCpuPercent),
        Bytes(points, point => point.WorkingSetBytes),
        Bytes(points, point => point.GcHeapBytes),
        points.Max(point => point.ThreadPoolQueueMax),
        points.Average(point => point.ReceivedBytesPerSecond),
        points.Average(point => point.SentBytesPerSecond),
        points.Average(point => point.DiskReadBytesPerSecond),
        points.Average(point => point.DiskWrittenBytesPerSecond));

    /// <summary>As a caller reads it: with two decimals.</summary>
    public static MetricsPoint Rounded(MetricsPoint point) => point with
    {
        CpuPercent = Round(point.CpuPercent),
        CpuPercentMax = Round(point.CpuPercentMax),
        MemoryPercent = Round(point.MemoryPercent),
        MemoryPercentMax = Round(point.MemoryPercentMax),
        Load = Round(point.Load),
        ProcessCpuPercent = Round(point.ProcessCpuPercent),
        ReceivedBytesPerSecond = Round(point.ReceivedBytesPerSecond),
        SentBytesPerSecond = Round(point.SentBytesPerSecond),
        DiskReadBytesPerSecond = Round(point.DiskReadBytesPerSecond),
        DiskWrittenBytesPerSecond = Round(point.DiskWrittenBytesPerSecond),
    };

    private static MetricsPoint Point(MetricsSample sample, MetricsSample? previous)
    {
        var seconds = previous is not null && sample.At - previous.At <= LongestGap ? (sample.At - previous.At).TotalSeconds : 0;
        return new MetricsPoint(
            sample.At,
            1,
            sample.CpuPercent,
            sample.CpuPercent,
            sample.MemoryPercent,
            sample.MemoryPercent,
            sample.MemoryUsedBytes,
            sample.Load,
            sample.ProcessCpuPercent,
            sample.WorkingSetBytes,
            sample.GcHeapBytes,
            sample.ThreadPoolQueue,
            Rate(previous?.ReceivedBytes, sample.ReceivedBytes, seconds),
            Rate(previous?.SentBytes, sample.SentBytes, seconds),
            Rate(previous?.DiskReadBytes, sample.DiskReadBytes, seconds),
            Rate(previous?.DiskWrittenBytes, sample.DiskWrittenBytes, seconds));
    }

    // A counter that went down began anew, or an interface or a disk is gone from its sum: how much there was in between
    // nobody knows.
    private static double? Rate(long? before, long? after, double seconds) =>
        seconds > 0 && before is { } from && after is { } to && to >= from ? (to - from) / seconds : null;

    // Averaged as double: the sum of a thousand nodes could be more than a long has room for.
    private static long? Bytes(IEnumerable<MetricsPoint> points, Func<MetricsPoint, long?> bytes) =>
        points.Average(point => (double?)bytes(point)) is { } average ? (long)Math.Round(Math.Min(average, long.MaxValue / 2)) : null;

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 2) : null;
}
