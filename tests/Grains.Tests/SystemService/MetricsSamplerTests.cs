using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orrery.Grains.SystemService;
using Orrery.Grains.SystemService.Linux;
using Orrery.Tests;

namespace Orrery.Grains.Tests.SystemService;

public sealed class MetricsSamplerTests : IDisposable
{
    private readonly FakeRoot _root = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly LoggedLines<MetricsSampler> _log = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_machine_without_a_container()
    {
        var sampler = Sampler(_root.WithMachine());

        var first = sampler.Sample();
        _time.Advance(MetricsSampler.Interval);
        _root.Write("proc/stat", FakeRoot.Stat.Replace("cpu  1000 10 500 8000", "cpu  1030 10 500 8070", StringComparison.Ordinal));
        var second = sampler.Sample();

        Assert.Equal(("node-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)), (first.NodeId, first.Timestamp));
        Assert.Equal((null, null), (first.CpuPercent, first.Process.CpuPercent));
        Assert.Equal(FakeRoot.MachineMemory, first.Memory!.TotalBytes);
        Assert.Equal(3, first.ProcessCount);
        Assert.NotNull(first.DiskIo);
        Assert.NotNull(first.Network);
        Assert.NotNull(first.LoadAverage);
        Assert.Equal(first.Timestamp + MetricsSampler.Interval, second.Timestamp);
        Assert.Equal(30, second.CpuPercent);
        Assert.InRange(second.Process.CpuPercent!.Value, 0, 100);
        Assert.Empty(_log.All);
    }

    [Fact]
    public void Counters_that_were_reset_give_no_percentage_until_the_next_sample()
    {
        var sampler = Sampler(_root.WithMachine());
        sampler.Sample();

        Assert.Null(Next("cpu 1 0 0 1").CpuPercent);
        Assert.Equal(75, Next("cpu 4 0 0 2").CpuPercent);

        SystemMetrics Next(string stat)
        {
            _time.Advance(MetricsSampler.Interval);
            _root.Write("proc/stat", stat);
            return sampler.Sample();
        }
    }

    [Fact]
    public void In_a_container_with_limits_the_figures_are_the_containers()
    {
        _root.WithMachine().WithGroups("0::/\n", "30 25 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup ro");
        _root.Write("sys/fs/cgroup/memory.max", "1000000000").Write("sys/fs/cgroup/memory.current", "700000000").Write("sys/fs/cgroup/memory.stat", "inactive_file 200000000");
        _root.Write("sys/fs/cgroup/cpu.max", "200000 100000").Write("sys/fs/cgroup/cpu.stat", "usage_usec 1000000");
        var sampler = Sampler(_root);
        sampler.Sample();

        _time.Advance(TimeSpan.FromSeconds(2));
        _root.Write("sys/fs/cgroup/cpu.stat", "usage_usec 2000000");
        var metrics = sampler.Sample();

        Assert.Equal(25, metrics.CpuPercent);
        Assert.Equal(new MemoryMetrics(1_000_000_000, 500_000_000, 500_000_000, 50), metrics.Memory);
    }

    [Fact]
    public void A_limit_that_comes_or_goes_gives_no_percentage_until_the_next_sample()
    {
        _root.WithMachine().WithGroups("0::/\n", "30 25 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup ro");
        _root.Write("sys/fs/cgroup/cpu.stat", "usage_usec 1000000");
        var sampler = Sampler(_root);
        sampler.Sample();

        _root.Write("sys/fs/cgroup/cpu.max", "200000 100000");
        Assert.Null(Next().CpuPercent);
        Assert.Equal(0, Next().CpuPercent);
        _root.Delete("sys/fs/cgroup/cpu.max");
        _root.Write("proc/stat", FakeRoot.Stat.Replace("8000", "9000", StringComparison.Ordinal));
        Assert.Equal(0, Next().CpuPercent);

        SystemMetrics Next()
        {
            _time.Advance(MetricsSampler.Interval);
            return sampler.Sample();
        }
    }

    [Fact]
    public void A_limit_of_memory_whose_use_is_unknown_gives_no_memory()
    {
        _root.WithMachine().WithGroups("0::/\n", "30 25 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup ro");
        _root.Write("sys/fs/cgroup/memory.max", "1000000000");

        Assert.Null(Sampler(_root).Sample().Memory);
    }

    [Fact]
    public void Where_nothing_can_be_read_all_but_the_process_is_null_and_said_once()
    {
        var sampler = Sampler(_root);

        sampler.Sample();
        _time.Advance(TimeSpan.FromMinutes(1));
        var metrics = sampler.Sample();

        Assert.Equal(
            new SystemMetrics("node-1", _time.GetUtcNow(), null, null, metrics.Disks, null, null, null, null, metrics.Process),
            metrics);
        Assert.Empty(metrics.Disks);
        Assert.True(metrics.Process.WorkingSetBytes > 0);
        Assert.Equal(6, _log.All.Count);
        Assert.All(_log.All, line => Assert.StartsWith("Debug The platform does not tell ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_comes_back_is_read_again()
    {
        var sampler = Sampler(_root.WithMachine());
        _root.Write("proc/loadavg", "garbage");
        Assert.Null(sampler.Sample().LoadAverage);

        _root.Write("proc/loadavg", "1.00 2.00 3.00 1/1 1");

        Assert.Equal(new LoadAverage(1, 2, 3), sampler.Sample().LoadAverage);
    }

    [Fact]
    public void A_process_tells_of_its_memory_its_collections_and_its_pool()
    {
        GC.Collect();

        var process = Sampler(_root).Sample().Process;

        Assert.True(process.GcHeapBytes > 0);
        Assert.True(process.GcPauseSeconds >= 0);
        Assert.InRange(process.GcPausePercent, 0, 100);
        Assert.True(process.ThreadPoolThreads > 0);
        Assert.True(process.ThreadPoolQueueLength >= 0);
    }

    private MetricsSampler Sampler(FakeRoot root) =>
        new("node-1", root.Files(), new DiskWatch(root.Files(), _time, _ => null), _time, _log);
}
