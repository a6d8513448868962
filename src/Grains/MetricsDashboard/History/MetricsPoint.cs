namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>What was measured from a time on, for as long as the resolution says. Null is what nobody told.</summary>
/// <param name="At">The beginning, in UTC.</param>
/// <param name="Samples">How many reports it is made of.</param>
/// <param name="CpuPercent">The processors, 0 to 100: the average.</param>
/// <param name="CpuPercentMax">The highest.</param>
/// <param name="MemoryPercent">The memory, 0 to 100: the average.</param>
/// <param name="MemoryPercentMax">The highest.</param>
/// <param name="MemoryUsedBytes">The memory in use: the average.</param>
/// <param name="Load">The load average of a minute: the average.</param>
/// <param name="ProcessCpuPercent">The node process's share of the processors, 0 to 100: the average.</param>
/// <param name="WorkingSetBytes">Its resident memory: the average.</param>
/// <param name="GcHeapBytes">Its garbage collector's heap: the average.</param>
/// <param name="ThreadPoolQueueMax">The work that waited for a thread of its pool: the most.</param>
/// <param name="ReceivedBytesPerSecond">What the network brought: the average.</param>
/// <param name="SentBytesPerSecond">What went out to the network: the average.</param>
/// <param name="DiskReadBytesPerSecond">What was read from disks: the average.</param>
/// <param name="DiskWrittenBytesPerSecond">What was written to disks: the average.</param>
[GenerateSerializer, Immutable, Alias("orrery.metrics_point")]
public sealed record MetricsPoint(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] int Samples,
    [property: Id(2)] double? CpuPercent,
    [property: Id(3)] double? CpuPercentMax,
    [property: Id(4)] double? MemoryPercent,
    [property: Id(5)] double? MemoryPercentMax,
    [property: Id(6)] long? MemoryUsedBytes,
    [property: Id(7)] double? Load,
    [property: Id(8)] double? ProcessCpuPercent,
    [property: Id(9)] long? WorkingSetBytes,
    [property: Id(10)] long? GcHeapBytes,
    [property: Id(11)] int? ThreadPoolQueueMax,
    [property: Id(12)] double? ReceivedBytesPerSecond,
    [property: Id(13)] double? SentBytesPerSecond,
    [property: Id(14)] double? DiskReadBytesPerSecond,
    [property: Id(15)] double? DiskWrittenBytesPerSecond);
