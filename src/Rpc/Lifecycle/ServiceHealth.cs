namespace Orrery.Rpc.Lifecycle;

/// <summary>How a service on a node says it is doing.</summary>
public enum ServiceHealth
{
    /// <summary>Well: also whatever says nothing.</summary>
    Healthy,

    /// <summary>It works, and something is amiss.</summary>
    Degraded,

    /// <summary>It does not do its work.</summary>
    Unhealthy,
}
