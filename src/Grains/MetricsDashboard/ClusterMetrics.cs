using Orrery.Grains.SystemService;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>What the nodes of the cluster do now. An average is null when no node told.</summary>
/// <param name="At">When this was put together, in UTC.</param>
/// <param name="NodesReporting">How many nodes <paramref name="Nodes"/> has.</param>
/// <param name="CpuPercent">The average of the nodes' processors, 0 to 100.</param>
/// <param name="CpuPercentMax">That of the node with the busiest processors.</param>
/// <param name="MemoryTotalBytes">The memory of all nodes. Nodes that share a machine each count it.</param>
/// <param name="MemoryUsedBytes">What is used of it.</param>
/// <param name="MemoryPercent">Used of total, 0 to 100.</param>
/// <param name="MemoryPercentMax">That of the node with the least left.</param>
/// <param name="WorkingSetBytes">The resident memory of all node processes.</param>
/// <param name="GcHeapBytes">The garbage collector's heaps of all node processes.</param>
/// <param name="ThreadPoolQueueMax">The work that waits for a thread at the node where most does.</param>
/// <param name="Nodes">The nodes, by id.</param>
[GenerateSerializer, Immutable, Alias("orrery.cluster_metrics")]
public sealed record ClusterMetrics(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] int NodesReporting,
    [property: Id(2)] double? CpuPercent,
    [property: Id(3)] double? CpuPercentMax,
    [property: Id(4)] long MemoryTotalBytes,
    [property: Id(5)] long MemoryUsedBytes,
    [property: Id(6)] double? MemoryPercent,
    [property: Id(7)] double? MemoryPercentMax,
    [property: Id(8)] long WorkingSetBytes,
    [property: Id(9)] long GcHeapBytes,
    [property: Id(10)] long? ThreadPoolQueueMax,
    [property: Id(11)] IReadOnlyList<NodeMetrics> Nodes);

/// <summary>A node's newest report.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="AgeSeconds">How long ago it measured.</param>
/// <param name="Metrics">What it measured.</param>
/// <param name="Services">Its services, as it reported them.</param>
[GenerateSerializer, Immutable, Alias("orrery.node_metrics")]
public sealed record NodeMetrics(
    [property: Id(0)] string NodeId,
    [property: Id(1)] double AgeSeconds,
    [property: Id(2)] SystemMetrics Metrics,
    [property: Id(3)] IReadOnlyList<ReportedService> Services);
