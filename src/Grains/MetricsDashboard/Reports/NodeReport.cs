using System.Text.Json.Serialization;
using Orrery.Grains.SystemService;

namespace Orrery.Grains.MetricsDashboard.Reports;

/// <summary>What a node reported.</summary>
/// <param name="Metrics">What it measured.</param>
/// <param name="Services">Its services.</param>
internal sealed record NodeReport(SystemMetrics Metrics, IReadOnlyList<ReportedService> Services)
{
    [JsonIgnore]
    public string NodeId => Metrics.NodeId;

    /// <summary>When it measured, as exactly as PostgreSQL keeps it: two reports of a node with the same time are one.</summary>
    [JsonIgnore]
    public DateTimeOffset At { get; } = new(Metrics.Timestamp.UtcTicks - (Metrics.Timestamp.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
