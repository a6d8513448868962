using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class MemoryStoreTests : StoreContract
{
    [Fact]
    public async Task Of_a_node_the_oldest_report_goes_for_the_newest()
    {
        await using var store = new MemoryReportStore(new(), Time, mostNodes: 2, mostSamples: 3);

        await AddAsync(store, Enumerable.Range(0, 5).Select(i => Report("a", Noon.AddSeconds(i), i)));
        await store.AddAsync(Report("a", Noon.AddSeconds(-1)), Token);

        Assert.Equal([2, 3, 4], (await store.SamplesAsync("a", Noon.AddHours(-1), Noon.AddHours(1), Token)).Select(sample => sample.CpuPercent));
    }

    [Fact]
    public async Task Of_the_nodes_the_one_that_has_been_silent_for_longest_goes()
    {
        await using var store = new MemoryReportStore(new(), Time, mostNodes: 2, mostSamples: 3);

        await AddAsync(store, [Report("a", Noon), Report("b", Noon.AddSeconds(1)), Report("a", Noon.AddSeconds(2)), Report("c", Noon.AddSeconds(3))]);

        Assert.Equal(["a", "c"], (await store.NewestAsync(Token)).Select(report => report.NodeId).Order());
    }

    private protected override Task<IReportStore> StartAsync(MetricsOptions options) => Task.FromResult<IReportStore>(new MemoryReportStore(options, Time));
}
