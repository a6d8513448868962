namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>Metrics over time.</summary>
/// <param name="NodeId">The node; null for the cluster's average node.</param>
/// <param name="From">The beginning of the first point that there could be, in UTC.</param>
/// <param name="To">The end, in UTC.</param>
/// <param name="Resolution">The seconds between points.</param>
/// <param name="Points">The points, the oldest first. Where nobody reported there is none.</param>
[GenerateSerializer, Immutable, Alias("orrery.metrics_history")]
public sealed record MetricsHistory(
    [property: Id(0)] string? NodeId,
    [property: Id(1)] DateTimeOffset From,
    [property: Id(2)] DateTimeOffset To,
    [property: Id(3)] int Resolution,
    [property: Id(4)] IReadOnlyList<MetricsPoint> Points);
