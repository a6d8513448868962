using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.OrchestratorService;
using Orrery.Grains.SystemService;
using Orrery.Rpc;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>Collects what the nodes measure, keeps its history, and answers for the cluster as a whole.</summary>
[Service("metrics_dashboard", Roles = ["coordinator"], AutoStart = true, Description = "What the nodes of the cluster measure, now and over time.")]
public interface IMetricsDashboard : IService
{
    /// <summary>Takes a node's report. For the nodes' own reporters; nobody outside may call it.</summary>
    /// <param name="workerId">The node that measured.</param>
    /// <param name="metrics">What it measured, and when. A report may be late; one from the future is refused.</param>
    /// <param name="services">The services of the node.</param>
    [ServiceMethod(Description = "Takes a node's report and says when the next one is wanted.")]
    Task<ReportReceipt> ReportMetrics(string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services);

    /// <summary>Gives each node's newest report, and what they come to. A node that has left stays for ten minutes after its last report.</summary>
    [ServiceMethod(Public = true, Description = "The newest report of each node, with its age, and the cluster's totals.")]
    Task<ClusterMetrics> GetClusterMetrics();

    /// <summary>Gives a node's metrics over time, or those of the cluster's average node.</summary>
    /// <param name="nodeId">The node; null for the cluster.</param>
    /// <param name="from">The beginning; an hour before <paramref name="to"/> by default.</param>
    /// <param name="to">The end; now by default, and when it lies in the future.</param>
    /// <param name="resolution">The seconds between points; by default the fewest that give no more than 500 points.</param>
    /// <param name="cancellationToken">Tells that the caller gave up.</param>
    [ServiceMethod(Public = true, Description = "The metrics of a node, or of the cluster's average node, over time.")]
    Task<MetricsHistory> GetMetricsHistory(string? nodeId = null, DateTimeOffset? from = null, DateTimeOffset? to = null, int? resolution = null, CancellationToken cancellationToken = default);

    /// <summary>Gives the services of the cluster, and how they are on each node that hosts them, by name.</summary>
    [ServiceMethod(Public = true, Description = "The services of the cluster, and how they are on each node.")]
    Task<IReadOnlyList<ClusterService>> GetClusterServices();

    /// <summary>Starts, stops or restarts a service of a node, as <see cref="IOrchestrator.ControlService"/> there does.</summary>
    /// <param name="workerId">The node.</param>
    /// <param name="serviceName">The service's name in addresses.</param>
    /// <param name="action">What to do.</param>
    /// <param name="cancellationToken">Ends the waiting, and not the change.</param>
    /// <exception cref="RpcException">There is no such node, or it refused.</exception>
    [ServiceMethod(Public = true, Permission = "metrics_dashboard/control_service", Description = "Starts, stops or restarts a service of a node.")]
    Task<ControlResult> ControlService(string workerId, string serviceName, ServiceAction action, CancellationToken cancellationToken);

    /// <summary>
    /// Gives what the calls of the cluster came to, by method and by the node that they went to. Typed calls to a node id
    /// are not counted.
    /// </summary>
    /// <param name="service">Only those to this service.</param>
    /// <param name="method">Only those to methods of this name.</param>
    /// <param name="nodeId">Only those that went to this node.</param>
    /// <param name="cancellationToken">Tells that the caller gave up.</param>
    [ServiceMethod(Public = true, Description = "The calls of the cluster by method and node: how many, errors by code, latency percentiles in milliseconds.")]
    Task<CallStats> GetCallStats(string? service = null, string? method = null, string? nodeId = null, CancellationToken cancellationToken = default);
}
