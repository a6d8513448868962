using Orleans.Runtime;

namespace Orrery.Rpc.Lifecycle;

/// <summary>
/// How a service says how it is doing: it takes this in its constructor. All nodes see what it says, in the registry,
/// within moments. A fresh activation is healthy.
/// </summary>
public sealed class HealthReport
{
    private readonly ServiceHost _host;
    private readonly IGrainContext _activation;

    internal HealthReport(ServiceHost host, IGrainContext activation)
    {
        _host = host;
        _activation = activation;
    }

    /// <summary>Says that all is well.</summary>
    public void Healthy() => _host.Report(_activation, ServiceHealth.Healthy, null);

    /// <summary>Says that the service works, and something is amiss.</summary>
    /// <param name="reason">What, for whoever operates the cluster. At most 500 characters of it are kept.</param>
    public void Degraded(string reason) => _host.Report(_activation, ServiceHealth.Degraded, reason);

    /// <summary>Says that the service does not do its work.</summary>
    /// <param name="reason">Why, for whoever operates the cluster. At most 500 characters of it are kept.</param>
    public void Unhealthy(string reason) => _host.Report(_activation, ServiceHealth.Unhealthy, reason);
}
