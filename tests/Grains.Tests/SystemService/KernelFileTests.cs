using System.Text;
using Orrery.Grains.SystemService;
using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.Tests.SystemService;

public sealed class KernelFileTests : IDisposable
{
    private readonly FakeRoot _root = new FakeRoot().WithMachine();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_processors_are_busy_when_they_neither_idle_nor_wait_for_a_disk()
    {
        var times = CpuTimes.Parse(_root.Files().Read("proc/stat"));

        Assert.Equal(new CpuTimes(Busy: 1000 + 10 + 500 + 5 + 20 + 15, Idle: 8000 + 100, Processors: 4), times);
    }

    [Theory]
    [InlineData(100, 900, 200, 1200, 25.0)]
    [InlineData(100, 900, 100, 1000, 0.0)]
    [InlineData(100, 900, 200, 900, 100.0)]
    [InlineData(100, 900, 200, 899, 100.0)]
    [InlineData(100, 900, 101, 902, 33.33)]
    [InlineData(100, 900, 100, 900, null)]
    [InlineData(100, 900, 50, 1200, null)]
    [InlineData(0, 0, long.MaxValue, long.MaxValue, 50.0)]
    public void The_use_of_the_processors_is_the_difference_of_two_readings(long busy, long idle, long laterBusy, long laterIdle, double? expected) =>
        Assert.Equal(expected, new CpuTimes(laterBusy, laterIdle, 1).PercentSince(new CpuTimes(busy, idle, 1)));

    [Fact]
    public void A_kernel_that_counts_less_is_read_all_the_same() =>
        Assert.Equal(new CpuTimes(6, 4, 1), CpuTimes.Parse("cpu 1 2 3 4\n"u8));

    [Theory]
    [InlineData("")]
    [InlineData("cpu")]
    [InlineData("cpu 1 2 3")]
    [InlineData("cpu one two three four")]
    [InlineData("cpu0 1 2 3 4 5 6 7 8")]
    [InlineData("\0\0\0")]
    [InlineData("cpu -1 -2 -3 -4")]
    public void A_garbled_stat_file_is_null(string text) => Assert.Null(CpuTimes.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_machines_memory_is_what_the_kernel_says_is_available_and_the_rest() =>
        Assert.Equal(new MemoryMetrics(FakeRoot.MachineMemory, 4_000_000L * 1024, 12_000_000L * 1024, 25), MemInfo.Parse(_root.Files().Read("proc/meminfo")));

    [Theory]
    [InlineData("MemTotal: 10 kB")]
    [InlineData("MemAvailable: 10 kB")]
    [InlineData("MemTotal: 0 kB\nMemAvailable: 0 kB")]
    [InlineData("MemTotal: much\nMemAvailable: more")]
    [InlineData("MemTotal:\nMemAvailable:")]
    public void A_garbled_meminfo_file_is_null(string text) => Assert.Null(MemInfo.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void More_available_than_there_is_is_all_of_it() =>
        Assert.Equal(new MemoryMetrics(1024, 0, 1024, 0), MemInfo.Parse("MemTotal: 1 kB\nMemAvailable: 18446744073709551615 kB"u8));

    [Fact]
    public void The_network_is_all_interfaces_but_the_loopback() =>
        Assert.Equal(new NetworkMetrics(1500, 2700, 15, 27, Errors: 4, Dropped: 6), NetDev.Parse(_root.Files().Read("proc/net/dev")));

    [Fact]
    public void A_machine_without_a_network_has_carried_nothing() =>
        Assert.Equal(new NetworkMetrics(0, 0, 0, 0, 0, 0), NetDev.Parse("Inter-|\n face |\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"u8));

    [Fact]
    public void Counters_that_are_too_large_stop_at_the_largest_number() =>
        Assert.Equal(
            new NetworkMetrics(long.MaxValue, 3, 2, 2, 0, 0),
            NetDev.Parse("h\nh\na: 18446744073709551615 1 0 0 0 0 0 0 1 1 0 0\nb: 18446744073709551615 1 0 0 0 0 0 0 2 1 0 0\n"u8));

    [Theory]
    [InlineData("")]
    [InlineData("Inter-|")]
    [InlineData("h\nh\neth0 1 2 3")]
    [InlineData("h\nh\neth0: 1 2 3")]
    [InlineData("h\nh\neth0: 1 2 3 4 5 6 x 8 9 10 11 12 13 14 15 16")]
    public void A_garbled_dev_file_is_null(string text) => Assert.Null(NetDev.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_disks_are_those_with_a_device_and_neither_partitions_nor_what_is_made_of_them()
    {
        var files = _root.Files();

        var disks = DiskStats.Disks(files);

        Assert.Equal(["nvme0n1", "sda"], disks.Order());
        Assert.Equal(new DiskIoMetrics((2000 + 8) * 512, (4000 + 16) * 512, 101, 202), DiskStats.Parse(files.Read("proc/diskstats"), disks));
    }

    [Fact]
    public void A_disk_whose_name_has_a_slash_is_found()
    {
        _root.Write("sys/block/cciss!c0d0/device/vendor", "x");

        Assert.Contains("cciss/c0d0", DiskStats.Disks(_root.Files()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sda 1 2 3")]
    [InlineData("8 0 sda 1 2 3")]
    [InlineData("8 0 sda 1 2 3 four 5 6 7")]
    public void A_garbled_diskstats_file_is_null(string text) =>
        Assert.Null(DiskStats.Parse(Encoding.UTF8.GetBytes(text), new HashSet<string> { "sda" }));

    [Fact]
    public void The_load_average_is_the_first_three_numbers() =>
        Assert.Equal(new LoadAverage(0.52, 1.25, 12), LoadAvg.Parse(_root.Files().Read("proc/loadavg")));

    [Theory]
    [InlineData("")]
    [InlineData("1.0 2.0")]
    [InlineData("1.0 2.0 NaN 1/2 3")]
    [InlineData("1,0 2,0 3,0")]
    public void A_garbled_loadavg_file_is_null(string text) => Assert.Null(LoadAvg.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Folders_with_a_number_are_counted() => Assert.Equal(3, _root.Files().CountNumbers("proc"));

    [Fact]
    public void What_is_missing_or_no_file_is_empty_and_no_exception()
    {
        var files = _root.Files();

        Assert.True(files.Read("proc/nothing").IsEmpty);
        Assert.True(files.Read("proc").IsEmpty);
        Assert.Empty(files.Names("sys/nothing"));
        Assert.Null(files.CountNumbers("nothing"));
    }

    [Fact]
    public void A_file_is_read_whole_up_to_a_bound()
    {
        _root.Write("large", new string('x', 100_000));
        _root.Write("endless", new string('x', 3_000_000));
        var files = _root.Files();

        Assert.Equal(100_000, files.Read("large").Length);
        Assert.Equal(1 << 20, files.Read("endless").Length);
        Assert.Equal(100_000, files.Read("large").Length);
    }
}
