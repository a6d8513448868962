using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orrery.Rpc.Registry;

/// <summary>Whether this node is in the cluster and takes calls.</summary>
internal sealed class RegistryHealth(NodeRegistry registry, LocalNode local) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var alive = registry.Nodes.Count(node => node.Status is NodeStatus.Alive);
        var isAlive = registry.Current.Node(local.NodeId)?.Status is NodeStatus.Alive;
        return Task.FromResult(isAlive
            ? HealthCheckResult.Healthy($"{local.NodeId} is in the cluster, with {alive} live nodes.")
            : HealthCheckResult.Unhealthy($"{local.NodeId} is not in the cluster."));
    }
}
