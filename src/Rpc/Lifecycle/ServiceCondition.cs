namespace Orrery.Rpc.Lifecycle;

/// <summary>How a service is on a node.</summary>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Health">How it says it is doing.</param>
/// <param name="Reason">Why it is not running, or else why it is not healthy; null when all is well.</param>
[GenerateSerializer, Immutable, Alias("orrery.service_condition")]
public sealed record ServiceCondition(
    [property: Id(0)] ServiceStatus Status,
    [property: Id(1)] ServiceHealth Health = ServiceHealth.Healthy,
    [property: Id(2)] string? Reason = null)
{
    /// <summary>Running, healthy: what nothing is known to the contrary of.</summary>
    internal static readonly ServiceCondition Well = new(ServiceStatus.Running);

    /// <summary>Whether every call is refused.</summary>
    internal bool IsStopped => Status is ServiceStatus.Stopping or ServiceStatus.Stopped;

    /// <summary>Whether calls to a role, or to any node, may go there.</summary>
    internal bool TakesCalls => Status is ServiceStatus.Running or ServiceStatus.Waiting or ServiceStatus.Restarting;
}
