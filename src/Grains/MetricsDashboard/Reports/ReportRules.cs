using System.Globalization;
using Orrery.Grains.SystemService;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;

namespace Orrery.Grains.MetricsDashboard.Reports;

/// <summary>What a report must keep to, so that one broken node can't spoil or fill the history.</summary>
internal static class ReportRules
{
    private const int MostDisks = 64;
    private const int MostServices = 1000;
    private const int LongestName = 128;
    private const int LongestPath = 4096;
    private const int LongestReason = 1024;

    /// <exception cref="RpcException">The report is refused; the message says what is wrong with it.</exception>
    public static void Check(string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services, DateTimeOffset now, MetricsOptions options)
    {
        CheckNode(workerId, metrics);
        CheckTime(metrics.Timestamp, now, options);
        CheckMachine(metrics);
        CheckCounters(metrics);
        CheckProcess(metrics.Process);
        CheckDisks(metrics.Disks);
        CheckServices(services);
    }

    private static void CheckNode(string workerId, SystemMetrics metrics)
    {
        if (!Names.IsTarget(workerId))
        {
            throw RpcException.InvalidParameter("worker_id", "The worker_id is no node id: a letter or digit, then up to 62 letters, digits, '.', '_' or '-'.");
        }

        if (metrics.NodeId != workerId)
        {
            throw Refuse($"The node_id of the metrics is not '{workerId}', the worker_id: a node reports what it measured itself.");
        }
    }

    private static void CheckTime(DateTimeOffset at, DateTimeOffset now, MetricsOptions options)
    {
        if (at > now + options.ClockTolerance)
        {
            throw Refuse($"The timestamp {Text(at)} is ahead of the coordinator's clock, {Text(now)}, by more than {options.ClockTolerance:c}. Set the clock of the node right.");
        }

        if (at < now - options.RawRetention)
        {
            throw Refuse($"The timestamp {Text(at)} is past the retention: reports are kept from {Text(now - options.RawRetention)} on. Drop the report.");
        }
    }

    private static void CheckMachine(SystemMetrics metrics)
    {
        Percent("cpu_percent", metrics.CpuPercent);
        if (metrics.Memory is { } memory)
        {
            Count("memory.total_bytes", memory.TotalBytes);
            Count("memory.used_bytes", memory.UsedBytes);
            Count("memory.available_bytes", memory.AvailableBytes);
            Percent("memory.percent", memory.Percent);
        }

        if (metrics.LoadAverage is { } load)
        {
            Amount("load_average.one_minute", load.OneMinute);
            Amount("load_average.five_minutes", load.FiveMinutes);
            Amount("load_average.fifteen_minutes", load.FifteenMinutes);
        }

        Count("process_count", metrics.ProcessCount ?? 0);
    }

    private static void CheckCounters(SystemMetrics metrics)
    {
        if (metrics.DiskIo is { } disk)
        {
            Count("disk_io.read_bytes", disk.ReadBytes);
            Count("disk_io.written_bytes", disk.WrittenBytes);
            Count("disk_io.reads", disk.Reads);
            Count("disk_io.writes", disk.Writes);
        }

        if (metrics.Network is { } network)
        {
            Count("network.received_bytes", network.ReceivedBytes);
            Count("network.sent_bytes", network.SentBytes);
            Count("network.received_packets", network.ReceivedPackets);
            Count("network.sent_packets", network.SentPackets);
            Count("network.errors", network.Errors);
            Count("network.dropped", network.Dropped);
        }
    }

    private static void CheckProcess(ProcessMetrics process)
    {
        Percent("process.cpu_percent", process.CpuPercent);
        Count("process.working_set_bytes", process.WorkingSetBytes);
        Count("process.gc_heap_bytes", process.GcHeapBytes);
        Amount("process.gc_pause_seconds", process.GcPauseSeconds);
        Percent("process.gc_pause_percent", process.GcPausePercent);
        Count("process.thread_pool_threads", process.ThreadPoolThreads);
        Count("process.thread_pool_queue_length", process.ThreadPoolQueueLength, int.MaxValue);
    }

    private static void CheckDisks(IReadOnlyList<DiskMetrics> disks)
    {
        if (disks.Count > MostDisks)
        {
            throw Refuse($"There are {disks.Count} disks, and a report may have {MostDisks}. Leave out those that matter least.");
        }

        for (var i = 0; i < disks.Count; i++)
        {
            Words($"disks[{i}].mount", disks[i].Mount, LongestPath);
            Words($"disks[{i}].filesystem", disks[i].Filesystem, LongestName);
            Count($"disks[{i}].total_bytes", disks[i].TotalBytes);
            Count($"disks[{i}].used_bytes", disks[i].UsedBytes);
            Count($"disks[{i}].available_bytes", disks[i].AvailableBytes);
            Percent($"disks[{i}].percent", disks[i].Percent);
        }
    }

    private static void CheckServices(IReadOnlyList<ReportedService> services)
    {
        const string Parameter = "services";
        if (services.Count > MostServices)
        {
            throw RpcException.InvalidParameter(Parameter, $"There are {services.Count} services, and a report may have {MostServices}.");
        }

        for (var i = 0; i < services.Count; i++)
        {
            Words($"[{i}].name", services[i].Name, LongestName, Parameter);
            Words($"[{i}].reason", services[i].Reason ?? "", LongestReason, Parameter, mayBeEmpty: true);
        }
    }

    private static void Percent(string member, double? value)
    {
        if (value is not (null or (>= 0 and <= 100)))
        {
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"{member} is {value}, and a percentage is from 0 to 100."));
        }
    }

    // Kept as a single-precision number, which has room for less than this one.
    private static void Amount(string member, double value)
    {
        if (!(value is >= 0 and <= float.MaxValue))
        {
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"{member} is {value}, and must be a finite number that is not negative."));
        }
    }

    private static void Count(string member, long value, long most = long.MaxValue)
    {
        if (value < 0 || value > most)
        {
            throw Refuse($"{member} is {value}, and must be from 0 to {most}.");
        }
    }

    // A null character is what no text in PostgreSQL can have.
    private static void Words(string member, string text, int longest, string parameter = "metrics", bool mayBeEmpty = false)
    {
        if (text.Length > longest || (text.Length == 0 && !mayBeEmpty) || text.Contains('\0', StringComparison.Ordinal))
        {
            throw RpcException.InvalidParameter(parameter, $"{member} has {text.Length} characters, and must have {(mayBeEmpty ? 0 : 1)} to {longest}, without a null character.");
        }
    }

    private static RpcException Refuse(string problem) => RpcException.InvalidParameter("metrics", problem);

    private static string Text(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
