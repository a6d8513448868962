namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>
/// From when on the history is kept: whole roll-up intervals, and one more than was promised. So a report that is just
/// young enough to be taken is still there, with all others of its five minutes, when they are rolled up.
/// </summary>
internal static class Retention
{
    public static DateTimeOffset OfReports(MetricsOptions options, DateTimeOffset now) => Start(now - options.RawRetention);

    public static DateTimeOffset OfRollups(MetricsOptions options, DateTimeOffset now) => Start(now - options.RollupRetention);

    private static DateTimeOffset Start(DateTimeOffset promised) => Averages.Floor(promised, Averages.RollupInterval) - Averages.RollupInterval;
}
