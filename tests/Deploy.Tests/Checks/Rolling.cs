using System.Globalization;
using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Pods come, go and are looked after so that no call is lost, and there is always room for one to go.</summary>
internal static class Rolling
{
    private const int HungWithin = 30;

    // What Orrery gives a service that does not answer its own node's question.
    private const int SelfCall = 1;

    public static IEnumerable<string> Problems(ManifestSet set) =>
        [.. set.Nodes.SelectMany(node => OfDrain(set, node)), .. set.Nodes.SelectMany(OfProbes), .. OfWorkloads(set), .. OfBudgets(set), .. OfScalers(set)];

    private static IEnumerable<string> OfDrain(ManifestSet set, PodKind node)
    {
        var container = node.Spec.Containers.Single();
        var environment = PodEnvironment.Of(set, node);
        if (!int.TryParse(environment.GetValueOrDefault("DOTNET_shutdownTimeoutSeconds"), CultureInfo.InvariantCulture, out var drain))
        {
            yield return $"{node} does not say for how long it drains";
        }

        var sleep = container.Lifecycle?.PreStop?.Sleep?.Seconds ?? 0;
        if (node.Spec.TerminationGracePeriodSeconds is not { } grace || grace <= sleep + drain)
        {
            yield return $"{node} is killed before it has drained";
        }

        if (container.Lifecycle?.PreStop is { } hook && (hook.Exec ?? hook.HttpGet ?? (object?)hook.TcpSocket) is not null)
        {
            yield return $"{node} runs a program before it stops, and its image has none";
        }

        var isGateway = environment.ContainsKey("ASPNETCORE_URLS");
        if (isGateway && !(TimeSpan.TryParse(environment.GetValueOrDefault("Orrery__StopAcceptingAfter"), CultureInfo.InvariantCulture, out var accept) && accept.TotalSeconds >= Unready(container.ReadinessProbe) && accept.TotalSeconds <= drain / 2.0))
        {
            yield return $"{node} refuses connections before others see that it is not ready";
        }
    }

    private static double Unready(V1Probe? probe) => probe is null ? double.MaxValue : (probe.PeriodSeconds ?? 10) * (probe.FailureThreshold ?? 3) + (probe.TimeoutSeconds ?? 1);

    private static IEnumerable<string> OfProbes(PodKind node)
    {
        var container = node.Spec.Containers.Single();
        foreach (var (probe, path) in new[] { (container.StartupProbe, "startup"), (container.LivenessProbe, "live"), (container.ReadinessProbe, "ready") })
        {
            if (probe?.HttpGet is not { } get || get.Path != $"/health/{path}" || get.Port.Value is not "management" || get.Scheme is "HTTPS")
            {
                yield return $"{node} is not asked for /health/{path}";
            }
        }

        if (container.LivenessProbe is not { } live || (live.PeriodSeconds ?? 10) * (live.FailureThreshold ?? 3) + (live.TimeoutSeconds ?? 1) > HungWithin)
        {
            yield return $"{node} may hang for more than {HungWithin} s";
        }
        else if (live.FailureThreshold is < 3 || live.TimeoutSeconds is null or < 3)
        {
            yield return $"{node} is restarted when it is busy";
        }

        if (container.ReadinessProbe is not { TimeoutSeconds: > SelfCall })
        {
            yield return $"{node} has less time to say whether it is ready than the question takes";
        }
    }

    private static IEnumerable<string> OfWorkloads(ManifestSet set)
    {
        foreach (var workload in set.All<V1Deployment>())
        {
            var rolling = workload.Spec.Strategy?.RollingUpdate;
            if (workload.Spec.Strategy?.Type is not "RollingUpdate" || rolling?.MaxUnavailable?.Value is not "0" || rolling.MaxSurge?.Value is null or "0")
            {
                yield return $"an old pod of {workload.Metadata.Name} goes before a new one is there";
            }
        }

        foreach (var workload in set.All<V1StatefulSet>().Where(workload => set.Nodes.Any(node => node.Name == workload.Metadata.Name)))
        {
            if (workload.Spec.UpdateStrategy?.Type is not "RollingUpdate" || workload.Spec.PodManagementPolicy is not "Parallel" || workload.Spec.UpdateStrategy.RollingUpdate?.MaxUnavailable is { Value: not "1" })
            {
                yield return $"{workload.Metadata.Name} does not roll one by one, or waits for pods that never come up";
            }
        }
    }

    private static IEnumerable<string> OfBudgets(ManifestSet set)
    {
        foreach (var node in set.Nodes)
        {
            var budgets = set.All<V1PodDisruptionBudget>().Where(budget => budget.Spec.Selector.Match(node.Labels)).ToArray();
            if (budgets.Length != 1)
            {
                yield return $"{node} has {budgets.Length} disruption budgets";
                continue;
            }

            var least = Least(set, node);
            var spec = budgets[0].Spec;
            var room = spec.MaxUnavailable is { } unavailable
                ? Count(unavailable.Value, least)
                : least - Count(spec.MinAvailable?.Value ?? "0", least);
            if (room < 1 || (room >= least && least > 1))
            {
                yield return $"the budget of {node} lets {room} of {least} pods go";
            }
        }
    }

    private static int Count(string value, int of) => value.EndsWith('%') ? (int)Math.Ceiling(of * int.Parse(value[..^1], CultureInfo.InvariantCulture) / 100.0) : int.Parse(value, CultureInfo.InvariantCulture);

    // How few there may be of it.
    private static int Least(ManifestSet set, PodKind node) =>
        set.All<V2HorizontalPodAutoscaler>().FirstOrDefault(scaler => scaler.Spec.ScaleTargetRef.Name == node.Name)?.Spec.MinReplicas ?? Replicas(set, node) ?? 1;

    private static int? Replicas(ManifestSet set, PodKind node) =>
        set.All<V1Deployment>().FirstOrDefault(workload => workload.Metadata.Name == node.Name)?.Spec.Replicas
        ?? set.All<V1StatefulSet>().FirstOrDefault(workload => workload.Metadata.Name == node.Name)?.Spec.Replicas;

    private static IEnumerable<string> OfScalers(ManifestSet set)
    {
        foreach (var node in set.Nodes.Where(node => Least(set, node) < 2))
        {
            yield return $"there may be only one pod of {node}, and none while it rolls";
        }

        foreach (var scaler in set.All<V2HorizontalPodAutoscaler>())
        {
            var spec = scaler.Spec;
            if (set.Nodes.SingleOrDefault(node => node.Name == spec.ScaleTargetRef.Name && node.Workload == spec.ScaleTargetRef.Kind) is not { } node)
            {
                yield return $"the autoscaler {scaler.Metadata.Name} scales nothing";
                continue;
            }

            if (Replicas(set, node) is not null)
            {
                yield return $"{node} has a number of pods, and an autoscaler too";
            }

            if (spec.MinReplicas is not { } least || least >= spec.MaxReplicas)
            {
                yield return $"the autoscaler of {node} has no room";
            }

            if (spec.Metrics.Any(metric => metric.Resource is { } resource && node.Containers.Any(container => !container.Resources.Requests.ContainsKey(resource.Name))))
            {
                yield return $"{node} does not say how much of it is its share";
            }

            var down = spec.Behavior?.ScaleDown;
            if (down?.StabilizationWindowSeconds is null or < 120 || down.Policies.Any(policy => policy is not { Type: "Pods", Value: 1 } || policy.PeriodSeconds < node.Spec.TerminationGracePeriodSeconds))
            {
                yield return $"pods of {node} go faster than they drain";
            }
        }
    }
}
