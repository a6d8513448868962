using Npgsql;

namespace Orrery.Grains.MetricsDashboard.History.Postgres;

/// <summary>The columns of the tables, to and from what they stand for.</summary>
internal static class Columns
{
    /// <summary>Of <c>orrery_metrics_report</c>, but for the node.</summary>
    public const string OfSample = """
        at, cpu_percent, memory_percent, memory_used_bytes, load, process_cpu_percent, working_set_bytes, gc_heap_bytes,
        thread_pool_queue, received_bytes, sent_bytes, disk_read_bytes, disk_written_bytes
        """;

    /// <summary>Of <c>orrery_metrics_rollup</c>, but for the node.</summary>
    public const string OfPoint = """
        at, samples, cpu_percent, cpu_percent_max, memory_percent, memory_percent_max, memory_used_bytes, load, process_cpu_percent,
        working_set_bytes, gc_heap_bytes, thread_pool_queue_max, received_bytes_per_second, sent_bytes_per_second,
        disk_read_bytes_per_second, disk_written_bytes_per_second
        """;

    public static MetricsSample Sample(NpgsqlDataReader reader, int first = 0) => new(
        reader.GetFieldValue<DateTimeOffset>(first),
        reader.GetFieldValue<float?>(first + 1),
        reader.GetFieldValue<float?>(first + 2),
        reader.GetFieldValue<long?>(first + 3),
        reader.GetFieldValue<float?>(first + 4),
        reader.GetFieldValue<float?>(first + 5),
        reader.GetInt64(first + 6),
        reader.GetInt64(first + 7),
        reader.GetInt32(first + 8),
        reader.GetFieldValue<long?>(first + 9),
        reader.GetFieldValue<long?>(first + 10),
        reader.GetFieldValue<long?>(first + 11),
        reader.GetFieldValue<long?>(first + 12));

    public static MetricsPoint Point(NpgsqlDataReader reader, int first = 0) => new(
        reader.GetFieldValue<DateTimeOffset>(first),
        reader.GetInt32(first + 1),
        reader.GetFieldValue<float?>(first + 2),
        reader.GetFieldValue<float?>(first + 3),
        reader.GetFieldValue<float?>(first + 4),
        reader.GetFieldValue<float?>(first + 5),
        reader.GetFieldValue<long?>(first + 6),
        reader.GetFieldValue<float?>(first + 7),
        reader.GetFieldValue<float?>(first + 8),
        reader.GetFieldValue<long?>(first + 9),
        reader.GetFieldValue<long?>(first + 10),
        reader.GetFieldValue<int?>(first + 11),
        reader.GetFieldValue<float?>(first + 12),
        reader.GetFieldValue<float?>(first + 13),
        reader.GetFieldValue<float?>(first + 14),
        reader.GetFieldValue<float?>(first + 15));

    /// <summary>The samples as an array for each column, for <c>unnest</c>.</summary>
    public static object[] Of(IReadOnlyCollection<MetricsSample> samples) =>
    [
        samples.Select(sample => sample.At).ToArray(),
        samples.Select(sample => sample.CpuPercent).ToArray(),
        samples.Select(sample => sample.MemoryPercent).ToArray(),
        samples.Select(sample => sample.MemoryUsedBytes).ToArray(),
        samples.Select(sample => sample.Load).ToArray(),
        samples.Select(sample => sample.ProcessCpuPercent).ToArray(),
        samples.Select(sample => sample.WorkingSetBytes).ToArray(),
        samples.Select(sample => sample.GcHeapBytes).ToArray(),
        samples.Select(sample => sample.ThreadPoolQueue).ToArray(),
        samples.Select(sample => sample.ReceivedBytes).ToArray(),
        samples.Select(sample => sample.SentBytes).ToArray(),
        samples.Select(sample => sample.DiskReadBytes).ToArray(),
        samples.Select(sample => sample.DiskWrittenBytes).ToArray(),
    ];

    /// <summary>The points as an array for each column, for <c>unnest</c>.</summary>
    public static object[] Of(IReadOnlyCollection<MetricsPoint> points) =>
    [
        points.Select(point => point.At).ToArray(),
        points.Select(point => point.Samples).ToArray(),
        points.Select(point => (float?)point.CpuPercent).ToArray(),
        points.Select(point => (float?)point.CpuPercentMax).ToArray(),
        points.Select(point => (float?)point.MemoryPercent).ToArray(),
        points.Select(point => (float?)point.MemoryPercentMax).ToArray(),
        points.Select(point => point.MemoryUsedBytes).ToArray(),
        points.Select(point => (float?)point.Load).ToArray(),
        points.Select(point => (float?)point.ProcessCpuPercent).ToArray(),
        points.Select(point => point.WorkingSetBytes).ToArray(),
        points.Select(point => point.GcHeapBytes).ToArray(),
        points.Select(point => point.ThreadPoolQueueMax).ToArray(),
        points.Select(point => (float?)point.ReceivedBytesPerSecond).ToArray(),
        points.Select(point => (float?)point.SentBytesPerSecond).ToArray(),
        points.Select(point => (float?)point.DiskReadBytesPerSecond).ToArray(),
        points.Select(point => (float?)point.DiskWrittenBytesPerSecond).ToArray(),
    ];
}
