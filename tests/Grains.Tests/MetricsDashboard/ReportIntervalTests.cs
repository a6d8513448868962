using Orrery.Grains.MetricsDashboard.Reports;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class ReportIntervalTests
{
    [Theory]
    [InlineData(0, 0, 300)]
    [InlineData(1, 0, 300)]
    [InlineData(0, -1, 300)]
    [InlineData(5.5, 0, 165)]
    [InlineData(-5.5, 1, 165)]
    [InlineData(1, 5.5, 165)]
    [InlineData(10, 0, 30)]
    [InlineData(0, -20, 30)]
    public void It_is_the_shorter_the_more_the_processors_or_the_memory_moved(double cpu, double memory, int expected) =>
        Assert.Equal(expected, ReportInterval.After(Metrics("a", Noon, 50, memory: 50), Metrics("a", Noon, 50 + cpu, memory: 50 + memory), nodes: 1));

    [Theory]
    [InlineData(1, 30)]
    [InlineData(1500, 30)]
    [InlineData(2000, 40)]
    [InlineData(10_001, 201)]
    [InlineData(50_000, 300)]
    public void It_is_stretched_so_that_fifty_nodes_a_second_report_at_most(int nodes, int expected) =>
        Assert.Equal(expected, ReportInterval.After(Metrics("a", Noon, 0), Metrics("a", Noon, 100), nodes));

    [Fact]
    public void After_the_first_report_it_is_the_shortest() => Assert.Equal(30, ReportInterval.After(null, Metrics("a", Noon), nodes: 1));

    [Fact]
    public void What_is_not_known_has_not_moved() => Assert.Equal(300, ReportInterval.After(Metrics("a", Noon, cpu: null), Metrics("a", Noon, 90), nodes: 1));
}
