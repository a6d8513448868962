namespace Orrery.Grains.MetricsDashboard;

/// <summary>The coordinator's answer to a report.</summary>
/// <param name="Status"><c>accepted</c>, or <c>duplicate</c> for a report that it had already.</param>
/// <param name="NextReportInterval">In how many seconds the next report is wanted, 30 to 300.</param>
[GenerateSerializer, Immutable, Alias("orrery.report_receipt")]
public sealed record ReportReceipt(
    [property: Id(0)] string Status,
    [property: Id(1)] int NextReportInterval);
