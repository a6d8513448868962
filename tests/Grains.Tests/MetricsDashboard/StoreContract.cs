using Microsoft.Extensions.Time.Testing;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsDashboard.Reports;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

/// <summary>What holds for the history wherever it is kept.</summary>
public abstract class StoreContract
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected FakeTimeProvider Time { get; } = new(Noon.AddHours(1));

    [Fact]
    public async Task A_report_comes_back_as_it_was_and_as_what_is_kept_of_it()
    {
        await using var store = await StartAsync(new());
        var report = Report("a", Noon.AddTicks(17), 12.5);

        Assert.True(await store.AddAsync(report, Token));

        var newest = Assert.Single(await store.NewestAsync(Token));
        Assert.Equivalent(report, newest, strict: true);
        Assert.Equal([new MetricsSample(Noon.AddTicks(10), 12.5f, 25, 250_000, 1.5f, 6.25f, 5000, 4000, 12, 3000, 4000, 1000, 2000)], await store.SamplesAsync("a", Noon, Noon.AddSeconds(1), Token));
    }

    [Fact]
    public async Task What_the_platform_did_not_tell_stays_unknown()
    {
        await using var store = await StartAsync(new());
        var metrics = Metrics("a", Noon, cpu: null) with { Memory = null, Network = null, DiskIo = null, LoadAverage = null, Disks = [] };

        await store.AddAsync(new NodeReport(metrics, []), Token);
        await store.MaintainAsync(Token);

        Assert.Equal([new MetricsSample(Noon, null, null, null, null, null, 5000, 4000, 0, null, null, null, null)], await store.SamplesAsync("a", Noon, Noon.AddSeconds(1), Token));
        Assert.Equal([new MetricsPoint(Noon, 1, null, null, null, null, null, null, null, 5000, 4000, 0, null, null, null, null)], await store.RollupsAsync(null, Noon, Noon.AddHours(1), Token));
    }

    [Fact]
    public async Task A_report_is_stored_once_however_often_it_comes()
    {
        await using var store = await StartAsync(new());

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.AddAsync(Report("a", Noon), Token)));

        Assert.Single(answers, isNew => isNew);
        Assert.False(await store.AddAsync(Report("a", Noon, 99), Token));
        Assert.True(await store.AddAsync(Report("b", Noon), Token));
        Assert.Equal(50, Assert.Single(await store.SamplesAsync("a", Noon, Noon.AddHours(1), Token)).CpuPercent);
    }

    [Fact]
    public async Task Samples_are_from_the_beginning_up_to_the_end_in_order()
    {
        await using var store = await StartAsync(new());
        await AddAsync(store, new[] { 3, 0, 2, 1, 4 }.Select(minute => Report("a", Noon.AddMinutes(minute), minute)));

        var samples = await store.SamplesAsync("a", Noon.AddMinutes(1), Noon.AddMinutes(4), Token);

        Assert.Equal([1, 2, 3], samples.Select(sample => sample.CpuPercent));
        Assert.Empty(await store.SamplesAsync("unknown", Noon, Noon.AddHours(1), Token));
        Assert.Empty(await store.RollupsAsync("unknown", Noon, Noon.AddHours(1), Token));
    }

    [Fact]
    public async Task A_late_report_is_not_the_newest()
    {
        await using var store = await StartAsync(new());

        await AddAsync(store, [Report("a", Noon.AddMinutes(2), 2)]);
        await AddAsync(store, [Report("a", Noon.AddMinutes(1), 1)]);

        Assert.Equal(2, Assert.Single(await store.NewestAsync(Token)).Metrics.CpuPercent);
    }

    [Fact]
    public async Task The_roll_up_is_what_the_reports_give()
    {
        await using var store = await StartAsync(new());
        var random = new Random(1);
        foreach (var nodeId in new[] { "a", "b", "c" })
        {
            await AddAsync(store, Enumerable.Range(0, 60).Select(i => Report(nodeId, Noon.AddSeconds((30 * i) + random.Next(20)), random.Next(100), 1000 * i)));
        }

        await store.MaintainAsync(Token);

        foreach (var nodeId in new[] { "a", "b", "c" })
        {
            var expected = Averages.Points(await store.SamplesAsync(nodeId, Noon, Noon.AddHours(1), Token), Noon, Averages.RollupInterval);
            Assert.Equal(6, expected.Count);
            Assert.Equal(expected.Select(Near), (await store.RollupsAsync(nodeId, Noon, Noon.AddHours(1), Token)).Select(Near));
        }
    }

    [Fact]
    public async Task In_the_cluster_a_node_that_reports_often_counts_as_much_as_one_that_does_not()
    {
        await using var store = await StartAsync(new());
        await AddAsync(store, Enumerable.Range(0, 10).Select(i => Report("busy", Noon.AddSeconds(30 * i), 90)).Append(Report("idle", Noon, 10)));

        await store.MaintainAsync(Token);

        var point = Assert.Single(await store.RollupsAsync(null, Noon, Noon.AddMinutes(5), Token));
        Assert.Equal((11, 50, 90, 90), (point.Samples, point.CpuPercent, point.CpuPercentMax, point.ThreadPoolQueueMax));
    }

    [Fact]
    public async Task Rates_are_what_the_counters_grew_by_and_unknown_where_they_began_anew()
    {
        await using var store = await StartAsync(new());
        await AddAsync(store, new long[] { 1000, 4000, 100, 100, 700 }.Select((counter, i) => Report("a", Noon.AddMinutes(5 * i), counter: counter)));

        await store.MaintainAsync(Token);

        var points = await store.RollupsAsync("a", Noon, Noon.AddHours(1), Token);
        Assert.Equal([null, 10, null, 0, 2], points.Select(point => point.DiskReadBytesPerSecond));
        Assert.Equal([null, 40, null, 0, 8], points.Select(point => point.SentBytesPerSecond));
    }

    [Fact]
    public async Task Late_reports_get_into_the_roll_up_and_change_the_rates_after_them()
    {
        await using var store = await StartAsync(new());
        await AddAsync(store, [Report("a", Noon.AddMinutes(1), 10, 0), Report("a", Noon.AddMinutes(6), 10, 600)]);
        await store.MaintainAsync(Token);
        Assert.Equal(2, (await store.RollupsAsync("a", Noon, Noon.AddHours(1), Token))[1].DiskReadBytesPerSecond);

        await AddAsync(store, [Report("a", Noon.AddMinutes(4), 70, 0), Report("b", Noon.AddMinutes(2), 0)]);
        await store.MaintainAsync(Token);

        var points = await store.RollupsAsync("a", Noon, Noon.AddHours(1), Token);
        Assert.Equal([(2, 40, 70), (1, 10, 10)], points.Select(point => (point.Samples, point.CpuPercent, point.CpuPercentMax)));
        Assert.Equal(5, points[1].DiskReadBytesPerSecond);
        Assert.Equal([20, 10], (await store.RollupsAsync(null, Noon, Noon.AddHours(1), Token)).Select(point => point.CpuPercent));
    }

    [Fact]
    public async Task Reports_past_their_retention_go_and_those_within_stay()
    {
        await using var store = await StartAsync(new() { RawRetention = TimeSpan.FromHours(2) });
        await AddAsync(store, Enumerable.Range(0, 130).Select(minute => Report("a", Noon.AddMinutes(minute - 120))));

        await store.MaintainAsync(Token);
        Assert.Equal(130 - 55, (await store.SamplesAsync("a", Noon.AddHours(-2), Noon.AddHours(1), Token)).Count);
        Time.Advance(TimeSpan.FromHours(1));
        await store.MaintainAsync(Token);

        var samples = await store.SamplesAsync("a", Noon.AddHours(-2), Noon.AddHours(1), Token);
        Assert.Equal(Noon.AddMinutes(-5), samples[0].At);
        Assert.Equal(15, samples.Count);
    }

    [Fact]
    public async Task A_node_goes_with_its_last_report()
    {
        await using var store = await StartAsync(new() { RawRetention = TimeSpan.FromHours(1), RollupRetention = TimeSpan.FromHours(1) });
        await AddAsync(store, [Report("gone", Noon), Report("here", Noon.AddHours(2))]);

        Time.Advance(TimeSpan.FromHours(1.5));
        await store.MaintainAsync(Token);

        Assert.Equal("here", Assert.Single(await store.NewestAsync(Token)).NodeId);
        Assert.Empty(await store.RollupsAsync("gone", Noon, Noon.AddHours(1), Token));
    }

    private protected abstract Task<IReportStore> StartAsync(MetricsOptions options);

    private protected static async Task AddAsync(IReportStore store, IEnumerable<NodeReport> reports) =>
        Assert.All(await Task.WhenAll(reports.Select(report => store.AddAsync(report, Token))), Assert.True);

    // The database keeps single precision.
    private protected static MetricsPoint Near(MetricsPoint point) => Averages.Rounded(point);
}
