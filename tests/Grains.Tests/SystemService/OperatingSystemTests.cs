using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orrery.Grains.SystemService;
using Orrery.Grains.SystemService.Linux;

namespace Orrery.Grains.Tests.SystemService;

/// <summary>Compares the figures with what the operating system's own tools say.</summary>
public sealed class OperatingSystemTests
{
    private const long Mebibyte = 1 << 20;

    private readonly MetricsSampler _sampler;

    private readonly DiskWatch _disks = new(new KernelFiles(), TimeProvider.System, DiskSpace.Measure);

    public OperatingSystemTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The figures are Linux'.");
        _sampler = new MetricsSampler("node-1", new KernelFiles(), _disks, TimeProvider.System, NullLogger<MetricsSampler>.Instance);
    }

    [Fact]
    public async Task The_machines_memory_is_what_free_says()
    {
        var words = (await Tool("free", "-b")).Split('\n').Single(line => line.StartsWith("Mem:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var memory = MemInfo.Parse(new KernelFiles().Read("proc/meminfo"))!;

        Assert.Equal(Number(words[1]), memory.TotalBytes);
        Near(Number(words[6]), memory.AvailableBytes, memory.TotalBytes / 20 + 256 * Mebibyte);
        Assert.Equal(memory.TotalBytes, memory.UsedBytes + memory.AvailableBytes);
        Assert.InRange(_sampler.Sample().Memory!.TotalBytes, 1, memory.TotalBytes);
    }

    [Fact]
    public async Task The_disks_are_as_full_as_df_says()
    {
        await _disks.RefreshAsync();

        Assert.SkipUnless(_disks.Newest.Count > 0, "Nothing is mounted here but what keeps no files.");
        foreach (var disk in _disks.Newest)
        {
            var words = (await Tool("df", "-B1", "--output=fstype,size,used,avail,pcent", disk.Mount)).Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal(words[0], disk.Filesystem);
            Assert.Equal(Number(words[1]), disk.TotalBytes);
            Near(Number(words[2]), disk.UsedBytes, disk.TotalBytes / 100 + 256 * Mebibyte);
            Near(Number(words[3]), disk.AvailableBytes, disk.TotalBytes / 100 + 256 * Mebibyte);
            Assert.InRange(disk.Percent, Number(words[4].TrimEnd('%')) - 2, Number(words[4].TrimEnd('%')) + 1);
        }
    }

    [Fact]
    public async Task The_processors_are_those_that_getconf_counts() =>
        Assert.Equal(Number(await Tool("getconf", "_NPROCESSORS_ONLN")), CpuTimes.Parse(new KernelFiles().Read("proc/stat"))!.Value.Processors);

    [Fact]
    public async Task The_load_average_is_what_uptime_says()
    {
        var before = await Uptime();

        var load = _sampler.Sample().LoadAverage!;

        // It changes every five seconds, by much when many processes run.
        var after = await Uptime();
        double[] measured = [load.OneMinute, load.FiveMinutes, load.FifteenMinutes];
        Assert.All(measured, (value, i) => Assert.InRange(value, Math.Min(before[i], after[i]) - 0.5, Math.Max(before[i], after[i]) + 0.5));

        static async Task<double[]> Uptime()
        {
            var text = await Tool("uptime");
            return [.. text[(text.LastIndexOf(':') + 1)..].Split(", ").Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        }
    }

    [Fact]
    public async Task The_working_set_is_what_ps_says()
    {
        var kibibytes = Number(await Tool("ps", "-o", "rss=", "-p", $"{Environment.ProcessId}"));

        Near(kibibytes * 1024, _sampler.Sample().Process.WorkingSetBytes, 64 * Mebibyte);
    }

    [Fact]
    public async Task The_processes_are_those_that_ps_lists()
    {
        var listed = (await Tool("ps", "-e", "-o", "pid=")).Split('\n').Length;

        // Others come and go, and ps lists itself.
        Near(listed, _sampler.Sample().ProcessCount!.Value, listed / 5 + 20);
    }

    [Fact]
    public async Task The_disks_counters_are_between_what_each_disk_said_before_and_after()
    {
        // Of each disk: reads, merged, sectors read, milliseconds, writes, merged, sectors written.
        const string Sums = "cat $(for disk in /sys/block/*/device; do echo ${disk%device}stat; done) /dev/null | awk '{ r += $3 * 512; w += $7 * 512 } END { printf \"%.0f %.0f\", r, w }'";
        var before = Numbers(await Tool("bash", "-c", Sums));

        var counters = _sampler.Sample().DiskIo;
        Assert.SkipWhen(counters is null, "This kernel does not tell what its disks do.");

        var after = Numbers(await Tool("bash", "-c", Sums));
        Assert.InRange(counters.ReadBytes, before[0], after[0]);
        Assert.InRange(counters.WrittenBytes, before[1], after[1]);
    }

    [Fact]
    public async Task The_networks_counters_are_between_what_each_interface_said_before_and_after()
    {
        const string Sums = "for card in /sys/class/net/*/statistics; do case $card in */lo/*) ;; *) echo $(cat $card/rx_bytes $card/tx_bytes) ;; esac; done | awk '{ r += $1; t += $2 } END { printf \"%.0f %.0f\", r, t }'";
        var before = Numbers(await Tool("bash", "-c", Sums));

        var counters = _sampler.Sample().Network!;

        var after = Numbers(await Tool("bash", "-c", Sums));
        Assert.InRange(counters.ReceivedBytes, before[0], after[0]);
        Assert.InRange(counters.SentBytes, before[1], after[1]);
    }

    [Fact]
    public async Task Burning_one_processor_raises_the_use_of_the_machine_and_of_the_process()
    {
        using var stop = new CancellationTokenSource();
        var burning = Task.Factory.StartNew(() => Burn(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        // Half of one processor: others want some of it too.
        var expected = 50.0 / Environment.ProcessorCount;
        try
        {
            await Eventually.Is(() => _sampler.Sample() is { CpuPercent: { } all, Process.CpuPercent: { } own } && all >= expected && own >= expected);
        }
        finally
        {
            await stop.CancelAsync();
            await burning;
        }
    }

    private static void Burn(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
        }
    }

    private static void Near(long expected, long actual, long tolerance) => Assert.InRange(actual, expected - tolerance, expected + tolerance);

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private static long[] Numbers(string words) => [.. words.Split(' ').Select(Number)];

    private static async Task<string> Tool(string name, params string[] arguments)
    {
        var isThere = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));
        Assert.SkipUnless(isThere, $"{name} is not installed, and its figures are what these are compared with.");
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Trim();
    }
}
