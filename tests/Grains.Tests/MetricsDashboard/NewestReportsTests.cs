using Orrery.Grains.MetricsDashboard.Reports;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class NewestReportsTests
{
    [Fact]
    public void A_node_that_has_left_goes_ten_minutes_after_its_last_report()
    {
        var reports = new NewestReports();
        reports.Take(Report("left", Noon));
        reports.Take(Report("left-late", Noon.AddSeconds(1)));
        reports.Take(Report("present", Noon.AddDays(-1)));

        reports.Forget(new HashSet<string> { "present" }, Noon.AddSeconds(600));
        Assert.Equal(["left", "left-late", "present"], Shown(reports));
        reports.Forget(new HashSet<string> { "present" }, Noon.AddSeconds(600.5));

        Assert.Equal(["left-late", "present"], Shown(reports));
    }

    [Fact]
    public void A_late_report_is_told_the_interval_of_the_newest_and_does_not_replace_it()
    {
        var reports = new NewestReports();
        reports.Take(Report("a", Noon, 10));
        Assert.Equal(300, reports.Take(Report("a", Noon.AddSeconds(30), 10)));

        Assert.Equal(300, reports.Take(Report("a", Noon.AddSeconds(15), 90)));

        Assert.Equal(10, reports.Summarize(Noon).CpuPercent);
    }

    [Fact]
    public void What_was_read_replaces_what_is_older_only()
    {
        var reports = new NewestReports();
        reports.Take(Report("a", Noon, 10));

        reports.Merge([Report("a", Noon.AddSeconds(-1), 20), Report("b", Noon, 30)]);
        reports.Merge([Report("b", Noon.AddSeconds(1), 50)]);

        Assert.Equal((2, 30), (reports.Summarize(Noon).NodesReporting, reports.Summarize(Noon).CpuPercent));
    }

    [Fact]
    public void What_no_node_told_is_unknown()
    {
        var reports = new NewestReports();
        Assert.Equal((0, null, null, null), (reports.Summarize(Noon).NodesReporting, reports.Summarize(Noon).CpuPercent, reports.Summarize(Noon).MemoryPercent, reports.Summarize(Noon).ThreadPoolQueueMax));

        reports.Take(new NodeReport(Metrics("a", Noon, cpu: null) with { Memory = null }, []));

        Assert.Equal((1, null, null, 0), (reports.Summarize(Noon).NodesReporting, reports.Summarize(Noon).CpuPercent, reports.Summarize(Noon).MemoryPercent, reports.Summarize(Noon).MemoryTotalBytes));
    }

    private static IEnumerable<string> Shown(NewestReports reports) => reports.Summarize(Noon).Nodes.Select(node => node.NodeId);
}
