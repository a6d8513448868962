using Orrery.Grains.MetricsDashboard.Reports;

namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>Keeps what the nodes of a cluster report.</summary>
internal interface IReportStore : IAsyncDisposable
{
    /// <summary>Adds a report, late or not; gives false when it is there already. What has returned is kept.</summary>
    Task<bool> AddAsync(NodeReport report, CancellationToken cancellationToken);

    /// <summary>Gives the newest report of each node that there is anything of.</summary>
    Task<IReadOnlyList<NodeReport>> NewestAsync(CancellationToken cancellationToken);

    /// <summary>Gives a node's samples, the oldest first.</summary>
    Task<IReadOnlyList<MetricsSample>> SamplesAsync(string nodeId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>Gives the five-minute points of a node, or of the cluster's average node, the oldest first.</summary>
    Task<IReadOnlyList<MetricsPoint>> RollupsAsync(string? nodeId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>Brings the roll-up up to date, then drops what is past its retention. Any number may do so at once.</summary>
    Task MaintainAsync(CancellationToken cancellationToken);
}
