namespace Orrery.Rpc.Lifecycle;

/// <summary>
/// How a service says how it is doing: it takes this in its constructor. All nodes see what it says, in the registry,
/// within moments. A fresh activation is healthy.
/// </summary>
/// <param name="report">Is told each time; a test of a service gives its own.</param>
public sealed class HealthReport(Action<ServiceHealth, string?> report)
{
    /// <summary>Says that all is well.</summary>
    public void Healthy() => report(ServiceHealth.Healthy, null);

    /// <summary>Says that the service works, and something is amiss.</summary>
    /// <param name="reason">What, for whoever operates the cluster. At most 500 characters of it are kept.</param>
    public void Degraded(string reason) => report(ServiceHealth.Degraded, reason);

    /// <summary>Says that the service does not do its work.</summary>
    /// <param name="reason">Why, for whoever operates the cluster. At most 500 characters of it are kept.</param>
    public void Unhealthy(string reason) => report(ServiceHealth.Unhealthy, reason);
}
