using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Health;

/// <summary>Whether this node is in the cluster, and calls should be sent to it.</summary>
internal sealed class ClusterHealth(NodeRegistry registry, LocalNode local, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"{local.NodeId} was told to stop: it answers for a moment longer. Send calls elsewhere."));
        }

        var alive = registry.Nodes.Count(node => node.Status is NodeStatus.Alive);
        var isAlive = registry.Current.Node(local.NodeId)?.Status is NodeStatus.Alive;
        return Task.FromResult(isAlive
            ? HealthCheckResult.Healthy($"{local.NodeId} is in the cluster. Live nodes: {alive}.")
            : HealthCheckResult.Unhealthy($"{local.NodeId} is not in the cluster."));
    }
}
