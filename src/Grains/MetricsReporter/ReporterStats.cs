namespace Orrery.Grains.MetricsReporter;

/// <summary>How a node's reporting goes, since the service started.</summary>
/// <param name="NodeId">The node that reports.</param>
/// <param name="ReportsSent">The reports that the coordinator took.</param>
/// <param name="ReportsFailed">The attempts that it did not answer, or answered with an error.</param>
/// <param name="Backlog">The reports that are kept until it takes them.</param>
/// <param name="Dropped">The reports that are lost: too old to be kept, or refused.</param>
/// <param name="IntervalSeconds">The time between reports, 30 to 300.</param>
/// <param name="LastReportAt">When the coordinator last took a report; null when it has not.</param>
/// <param name="LastError">What went wrong at the last attempt; null when nothing did.</param>
/// <param name="ConsecutiveFailures">The attempts that failed since one succeeded.</param>
/// <param name="NextReportAt">When the node is measured next.</param>
[GenerateSerializer, Immutable, Alias("orrery.reporter_stats")]
public sealed record ReporterStats(
    [property: Id(0)] string NodeId,
    [property: Id(1)] long ReportsSent,
    [property: Id(2)] long ReportsFailed,
    [property: Id(3)] int Backlog,
    [property: Id(4)] long Dropped,
    [property: Id(5)] int IntervalSeconds,
    [property: Id(6)] DateTimeOffset? LastReportAt,
    [property: Id(7)] string? LastError,
    [property: Id(8)] int ConsecutiveFailures,
    [property: Id(9)] DateTimeOffset NextReportAt);
