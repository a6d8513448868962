using Orrery.Grains.SystemService;
using Orrery.Rpc;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>Collects what the nodes measure, keeps its history, and answers for the cluster as a whole.</summary>
[Service("metrics_dashboard", Roles = ["coordinator"], Description = "What the nodes of the cluster measure, now and over time.")]
public interface IMetricsDashboard : IService
{
    /// <summary>Takes a node's report. For the nodes' own reporters; nobody outside may call it.</summary>
    /// <param name="workerId">The node that measured.</param>
    /// <param name="metrics">What it measured, and when. A report may be late; one from the future is refused.</param>
    /// <param name="services">The services of the node.</param>
    [ServiceMethod(Description = "Takes a node's report and says when the next one is wanted.")]
    Task<ReportReceipt> ReportMetrics(string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services);
}
