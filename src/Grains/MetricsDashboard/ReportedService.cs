using Orrery.Rpc.Lifecycle;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>A service as its node reports it.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Health">How it says it is doing.</param>
/// <param name="Reason">Why it is not running or not healthy; else null.</param>
[GenerateSerializer, Immutable, Alias("orrery.reported_service")]
public sealed record ReportedService(
    [property: Id(0)] string Name,
    [property: Id(1)] ServiceStatus Status,
    [property: Id(2)] ServiceHealth Health,
    [property: Id(3)] string? Reason = null)
{
    internal static ReportedService Of(HostedService service) => new(service.Name, service.Status, service.Health, service.Reason);
}
