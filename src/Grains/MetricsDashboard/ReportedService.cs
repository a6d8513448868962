namespace Orrery.Grains.MetricsDashboard;

/// <summary>A service as its node reports it.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Status">Where it is in its life, e.g. <c>running</c>.</param>
/// <param name="Health"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Reason">Why it is not running or not healthy; else null.</param>
[GenerateSerializer, Immutable, Alias("orrery.reported_service")]
public sealed record ReportedService(
    [property: Id(0)] string Name,
    [property: Id(1)] string Status,
    [property: Id(2)] string Health,
    [property: Id(3)] string? Reason = null);
