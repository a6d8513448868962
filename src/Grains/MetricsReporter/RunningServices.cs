using Orrery.Grains.MetricsDashboard;
using Orrery.Rpc;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.MetricsReporter;

/// <summary>Tells of the services of this node: those that the registry lists run.</summary>
internal sealed class RunningServices(LocalNode node, NodeRegistry registry)
{
    public IReadOnlyList<ReportedService> Read() =>
        [.. (registry.Nodes.FirstOrDefault(other => other.NodeId == node.NodeId)?.Services ?? []).Select(name => new ReportedService(name, "running", "healthy"))];
}
