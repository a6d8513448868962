using Orrery.Grains.SystemService;

namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>What the history keeps of a report. The bytes of the network and the disks are counters, as they were reported.</summary>
internal sealed record MetricsSample(
    DateTimeOffset At,
    float? CpuPercent,
    float? MemoryPercent,
    long? MemoryUsedBytes,
    float? Load,
    float? ProcessCpuPercent,
    long WorkingSetBytes,
    long GcHeapBytes,
    int ThreadPoolQueue,
    long? ReceivedBytes,
    long? SentBytes,
    long? DiskReadBytes,
    long? DiskWrittenBytes)
{
    public static MetricsSample Of(SystemMetrics metrics, DateTimeOffset at) => new(
        at,
        (float?)metrics.CpuPercent,
        (float?)metrics.Memory?.Percent,
        metrics.Memory?.UsedBytes,
        (float?)metrics.LoadAverage?.OneMinute,
        (float?)metrics.Process.CpuPercent,
        metrics.Process.WorkingSetBytes,
        metrics.Process.GcHeapBytes,
        (int)metrics.Process.ThreadPoolQueueLength,
        metrics.Network?.ReceivedBytes,
        metrics.Network?.SentBytes,
        metrics.DiskIo?.ReadBytes,
        metrics.DiskIo?.WrittenBytes);
}
