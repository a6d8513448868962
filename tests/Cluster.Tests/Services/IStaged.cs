using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Cluster.Tests.Services;

/// <summary>A service whose life a test watches.</summary>
[Service(Roles = ["worker"])]
public interface IStaged : IService
{
    Task<string> Where();

    Task<string> Hold(string name);

    Task Say(ServiceHealth health, string reason);
}

[Service(AutoStart = true, Roles = ["worker"])]
public interface IEager : IService
{
    Task<string> Where();
}

[Service(AutoStart = true, DependsOn = ["only_on_coordinators"], Roles = ["worker"])]
public interface IDependent : IService
{
    Task<string> Where();
}

internal sealed class StagedGrain(LocalNode node, Signals signals, HealthReport health) : Grain, IStaged
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        signals.Count("staged started");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Count("staged stopped");
        return Task.CompletedTask;
    }

    public Task<string> Where() => Task.FromResult(node.NodeId);

    public async Task<string> Hold(string name)
    {
        signals.Set($"{name} holds");
        await signals.Seen($"{name} may go");
        return node.NodeId;
    }

    public Task Say(ServiceHealth said, string reason)
    {
        Action say = said switch
        {
            ServiceHealth.Degraded => () => health.Degraded(reason),
            ServiceHealth.Unhealthy => () => health.Unhealthy(reason),
            _ => health.Healthy,
        };
        say();
        return Task.CompletedTask;
    }
}

internal sealed class EagerGrain(LocalNode node, Signals signals) : Grain, IEager
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var attempt = signals.Count($"eager started on {node.NodeId}");
        return signals.IsSet($"eager fails on {node.NodeId}") ? throw new InvalidOperationException($"secret {attempt}") : Task.CompletedTask;
    }

    public Task<string> Where() => Task.FromResult(node.NodeId);
}

internal sealed class DependentGrain(LocalNode node, Signals signals) : Grain, IDependent
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        signals.Set($"dependent started on {node.NodeId}");
        return Task.CompletedTask;
    }

    public Task<string> Where() => Task.FromResult(node.NodeId);
}
