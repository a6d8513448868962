using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>A service on all nodes that host it.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Hosts">How many live nodes host it.</param>
/// <param name="Running">On how many of them it takes calls.</param>
/// <param name="Health">The worst that it says on any of them.</param>
/// <param name="Nodes">How it is on each, by node id.</param>
public sealed record ClusterService(string Name, int Hosts, int Running, ServiceHealth Health, IReadOnlyList<ServiceOnNode> Nodes)
{
    internal static ClusterService Of(RegisteredService service) => new(
        service.Name,
        service.Nodes.Count,
        service.Nodes.Count(node => node.Status is ServiceStatus.Running or ServiceStatus.Waiting or ServiceStatus.Restarting),
        service.Nodes.Select(node => node.Health).DefaultIfEmpty().Max(),
        service.Nodes);
}
