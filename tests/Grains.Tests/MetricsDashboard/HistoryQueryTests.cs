using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Rpc;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class HistoryQueryTests
{
    private const double Day = 24 * 60;

    [Theory]
    [InlineData("a", null, null, null, 30)]
    [InlineData(null, null, null, null, 300)]
    [InlineData("a", 10.0, null, null, 30)]
    [InlineData("a", 300.0, null, null, 60)]
    [InlineData("a", Day, null, null, 300)]
    [InlineData("a", 2 * Day, null, null, 600)]
    [InlineData("a", 3 * Day, null, null, 600)]
    [InlineData(null, 30 * Day, null, null, 7200)]
    [InlineData("a", 10.0, null, 1, 1)]
    [InlineData("a", 10.0, null, 299, 299)]
    [InlineData("a", 10.0, null, 301, 600)]
    [InlineData("a", 3 * Day, 2.5 * Day, 300, 300)]
    [InlineData("a", 83.0, null, 1, 1)]
    public void The_resolution_is_what_was_asked_for_or_one_that_gives_up_to_500_points(string? nodeId, double? from, double? to, int? resolution, int expected)
    {
        var query = Read(nodeId, from, to, resolution);

        Assert.Equal(expected, (int)query.Resolution.TotalSeconds);
        Assert.Equal(0, (query.From - DateTimeOffset.UnixEpoch).Ticks % query.Resolution.Ticks);
        Assert.InRange((query.To - query.From) / query.Resolution, 0, resolution is null ? 501 : 5000);
    }

    [Theory]
    [InlineData("a b", 60.0, null, null, "node_id", "The node_id is no node id")]
    [InlineData("a", 10.0, 20.0, null, "from", "is not before the to 2026-03-04T11:40:00.000Z")]
    [InlineData("a", 10.0, 10.0, null, "from", "is not before the to")]
    [InlineData("a", -1.0, null, null, "from", "The from 2026-03-04T12:01:00.000Z is in the future: it is 2026-03-04T12:00:00.000Z at the coordinator.")]
    [InlineData("a", 31 * Day, null, null, "from", "The history before 2026-02-02T12:00:00.000Z is gone: it is kept for 30.00:00:00.")]
    [InlineData("a", null, 31 * Day, null, "to", "The history before 2026-02-02T12:00:00.000Z is gone")]
    [InlineData("a", 60.0, null, 0, "resolution", "it is in seconds, 1 or more. The smallest for this range is 1.")]
    [InlineData("a", Day, null, 10, "resolution", "an answer has 5000 points at most. The smallest for this range is 18.")]
    [InlineData("a", 3 * Day, 2.5 * Day, 60, "resolution", "single reports are kept for 2.00:00:00, and from before there are averages of 300 s. The smallest for this range is 300.")]
    [InlineData(null, 60.0, null, 299, "resolution", "nodes report up to 300 s apart, so a finer point would not have all of them. The smallest for this range is 300.")]
    [InlineData(null, 30 * Day, null, 300, "resolution", "an answer has 5000 points at most. The smallest for this range is 600.")]
    [InlineData("a", 60.0, null, int.MaxValue, "resolution", "is more than a year")]
    public void What_there_can_not_be_is_refused_with_what_there_can(string? nodeId, double? from, double? to, int? resolution, string parameter, string message)
    {
        var refusal = Assert.Throws<RpcException>(() => Read(nodeId, from, to, resolution));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(RpcErrorReason.InvalidParameter, refusal.Reason);
        Assert.Equal(parameter, refusal.GetDetails<Dictionary<string, string>>()!["parameter"]);
    }

    [Theory]
    [InlineData("a", Day, 18)]
    [InlineData(null, 30 * Day, 600)]
    [InlineData("a", 2.5 * Day, 300)]
    public void The_smallest_resolution_that_a_refusal_names_is_taken(string? nodeId, double from, int resolution)
    {
        Assert.Throws<RpcException>(() => Read(nodeId, from, null, resolution - 1 < 300 ? resolution - 1 : 300));

        Assert.Equal(resolution, (int)Read(nodeId, from, null, resolution).Resolution.TotalSeconds);
    }

    [Fact]
    public void Times_at_the_ends_of_the_calendar_are_refused_like_others()
    {
        var range = (DateTimeOffset? from, DateTimeOffset? to) => Assert.Throws<RpcException>(() => HistoryQuery.Read("a", from, to, null, Noon, new MetricsOptions())).Message;

        Assert.Contains("is gone", range(DateTimeOffset.MinValue, null), StringComparison.Ordinal);
        Assert.Contains("is gone", range(null, DateTimeOffset.MinValue), StringComparison.Ordinal);
        Assert.Contains("is in the future", range(DateTimeOffset.MaxValue, null), StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_in_the_future_is_now() => Assert.Equal(Noon, Read("a", 60, -1000, null).To);

    [Fact]
    public async Task Reports_before_the_range_serve_for_its_first_rate()
    {
        await using var store = new MemoryReportStore(new(), TimeProvider.System);
        for (var minute = -10; minute < 0; minute++)
        {
            await store.AddAsync(Report("a", Noon.AddMinutes(minute), counter: 600 * (minute + 10)), TestContext.Current.CancellationToken);
        }

        var points = await Read("a", 5, 2, 60).PointsAsync(store, TestContext.Current.CancellationToken);

        Assert.Equal([(Noon.AddMinutes(-5), 10.0), (Noon.AddMinutes(-4), 10.0), (Noon.AddMinutes(-3), 10.0)], points.Select(point => (point.At, point.DiskReadBytesPerSecond!.Value)));
    }

    // In minutes before noon.
    private static HistoryQuery Read(string? nodeId, double? from, double? to, int? resolution) => HistoryQuery.Read(
        nodeId,
        from is { } start ? Noon.AddMinutes(-start) : null,
        to is { } end ? Noon.AddMinutes(-end) : null,
        resolution,
        Noon,
        new MetricsOptions());
}
