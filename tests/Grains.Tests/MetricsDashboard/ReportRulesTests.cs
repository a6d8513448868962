using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Grains.SystemService;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class ReportRulesTests
{
    private static readonly SystemMetrics Good = Metrics("a", Noon);

    private static readonly Dictionary<string, SystemMetrics> Refused = new()
    {
        ["The node_id of the metrics is not 'a'"] = Good with { NodeId = "b" },
        ["is ahead of the coordinator's clock, 2026-03-04T12:00:00.000Z, by more than 00:01:00"] = Good with { Timestamp = Noon.AddSeconds(60.001) },
        ["is past the retention: reports are kept from 2026-03-02T12:00:00.000Z on"] = Good with { Timestamp = Noon.AddDays(-2).AddMilliseconds(-1) },
        ["cpu_percent is 100.5, and a percentage is from 0 to 100"] = Good with { CpuPercent = 100.5 },
        ["cpu_percent is -1, "] = Good with { CpuPercent = -1 },
        ["cpu_percent is NaN, "] = Good with { CpuPercent = double.NaN },
        ["memory.percent is 101, "] = Good with { Memory = Good.Memory! with { Percent = 101 } },
        ["memory.total_bytes is -1, and must be from 0"] = Good with { Memory = Good.Memory! with { TotalBytes = -1 } },
        ["memory.used_bytes is -1, "] = Good with { Memory = Good.Memory! with { UsedBytes = -1 } },
        ["memory.available_bytes is -1, "] = Good with { Memory = Good.Memory! with { AvailableBytes = -1 } },
        ["disk_io.read_bytes is -1, "] = Good with { DiskIo = Good.DiskIo! with { ReadBytes = -1 } },
        ["disk_io.writes is -1, "] = Good with { DiskIo = Good.DiskIo! with { Writes = -1 } },
        ["network.sent_bytes is -1, "] = Good with { Network = Good.Network! with { SentBytes = -1 } },
        ["network.dropped is -1, "] = Good with { Network = Good.Network! with { Dropped = -1 } },
        ["load_average.one_minute is -1, and must be a finite number"] = Good with { LoadAverage = Good.LoadAverage! with { OneMinute = -1 } },
        ["load_average.fifteen_minutes is Infinity, "] = Good with { LoadAverage = Good.LoadAverage! with { FifteenMinutes = double.PositiveInfinity } },
        ["process_count is -1, "] = Good with { ProcessCount = -1 },
        ["process.cpu_percent is 200, "] = Good with { Process = Good.Process with { CpuPercent = 200 } },
        ["process.working_set_bytes is -1, "] = Good with { Process = Good.Process with { WorkingSetBytes = -1 } },
        ["process.gc_pause_seconds is NaN, "] = Good with { Process = Good.Process with { GcPauseSeconds = double.NaN } },
        ["process.thread_pool_queue_length is 2147483648, and must be from 0 to 2147483647"] = Good with { Process = Good.Process with { ThreadPoolQueueLength = 1L << 31 } },
        ["There are 65 disks, and a report may have 64"] = Good with { Disks = [.. Enumerable.Repeat(Good.Disks[0], 65)] },
        ["disks[1].mount has 0 characters"] = Good with { Disks = [Good.Disks[0], Good.Disks[0] with { Mount = "" }] },
        ["disks[0].filesystem has 129 characters, and must have 1 to 128"] = Good with { Disks = [Good.Disks[0] with { Filesystem = new string('x', 129) }] },
        ["disks[0].mount has 3 characters, and must have 1 to 4096, without a null character"] = Good with { Disks = [Good.Disks[0] with { Mount = "a\0b" }] },
        ["disks[0].percent is 1000, "] = Good with { Disks = [Good.Disks[0] with { Percent = 1000 }] },
    };

    private static readonly Dictionary<string, IReadOnlyList<ReportedService>> RefusedServices = new()
    {
        ["There are 1001 services, and a report may have 1000"] = [.. Enumerable.Repeat(Services()[0], 1001)],
        ["[0].name has 129 characters"] = [new(new string('x', 129), ServiceStatus.Running, ServiceHealth.Healthy)],
        ["[0].reason has 1025 characters, and must have 0 to 1024"] = [new("a", ServiceStatus.Running, ServiceHealth.Healthy, new string('x', 1025))],
    };

    public static TheoryData<string> Messages => [.. Refused.Keys];

    public static TheoryData<string> ServiceMessages => [.. RefusedServices.Keys];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Metrics_that_can_not_be_are_refused_with_what_is_wrong(string message) => Refuses("metrics", message, "a", Refused[message], []);

    [Theory]
    [MemberData(nameof(ServiceMessages))]
    public void Services_that_can_not_be_are_refused_with_what_is_wrong(string message) => Refuses("services", message, "a", Good, RefusedServices[message]);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("-a")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void A_worker_id_that_is_no_node_id_is_refused(string workerId) => Refuses("worker_id", "The worker_id is no node id", workerId, Good with { NodeId = workerId }, []);

    [Fact]
    public void What_is_just_within_is_taken()
    {
        Check("a", Good with { Timestamp = Noon.AddSeconds(60), CpuPercent = 0, Disks = [.. Enumerable.Repeat(Good.Disks[0], 64)] }, Services());
        Check("a", Good with { Timestamp = Noon.AddDays(-2), CpuPercent = 100, Memory = null, Network = null, DiskIo = null, LoadAverage = null, ProcessCount = null }, [.. Enumerable.Repeat(Services()[1], 1000)]);
        Check(new string('a', 63), Good with { NodeId = new string('a', 63), Timestamp = Noon.ToOffset(TimeSpan.FromHours(5)) }, []);
    }

    private static void Refuses(string parameter, string message, string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services)
    {
        var refusal = Assert.Throws<RpcException>(() => Check(workerId, metrics, services));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(RpcErrorReason.InvalidParameter, refusal.Reason);
        Assert.Equal(parameter, refusal.GetDetails<Dictionary<string, string>>()!["parameter"]);
    }

    private static void Check(string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services) => ReportRules.Check(workerId, metrics, services, Noon, new());
}
