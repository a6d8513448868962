namespace Orrery.Grains.MetricsDashboard;

/// <summary>For how long the dashboard keeps what nodes report, from <c>Orrery:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Orrery:Metrics";

    /// <summary>For how long each report is kept; an older one is refused. Two days by default, an hour at least.</summary>
    public TimeSpan RawRetention { get; set; } = TimeSpan.FromDays(2);

    /// <summary>For how long the five-minute averages are kept. 30 days by default, <see cref="RawRetention"/> at least.</summary>
    public TimeSpan RollupRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How far a report's timestamp may be ahead of the coordinator's clock. 60 s by default, ten minutes at most.</summary>
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromSeconds(60);
}
