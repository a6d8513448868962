using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Selectors select what they are for, and ports are called by names that they have.</summary>
internal static class Wiring
{
    public static IEnumerable<string> Problems(ManifestSet set) =>
        [.. set.Pods.SelectMany(OfPod), .. OfServices(set), .. OfMonitors(set), .. OfNames(set)];

    private static IEnumerable<string> OfPod(PodKind pod)
    {
        if (pod.Selector is { } selector && !selector.Match(pod.Labels))
        {
            yield return $"{pod} does not select its own pods";
        }

        foreach (var spread in (pod.Spec.TopologySpreadConstraints ?? []).Where(spread => !spread.LabelSelector.Match(pod.Labels) || (spread.MatchLabelKeys ?? []).Any(key => !pod.Labels.ContainsKey(key))))
        {
            yield return $"{pod} is spread by {spread.TopologyKey} among pods that it is none of";
        }

        foreach (var container in pod.Containers)
        {
            var ports = container.Ports ?? [];
            if (ports.DistinctBy(port => port.Name).Count() != ports.Count || ports.DistinctBy(port => (port.ContainerPort, port.Protocol)).Count() != ports.Count)
            {
                yield return $"{pod} has a port twice";
            }

            foreach (var probe in Probes(container).Where(probe => probe.HttpGet is { } get && ports.All(port => port.Name != get.Port.Value)))
            {
                yield return $"{pod} is probed at the port {probe.HttpGet.Port.Value}, which it has not";
            }
        }
    }

    /// <summary>The probes of a container.</summary>
    public static IEnumerable<V1Probe> Probes(V1Container container) => new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }.OfType<V1Probe>();

    private static IEnumerable<string> OfServices(ManifestSet set)
    {
        foreach (var service in set.All<V1Service>())
        {
            var pods = set.Pods.Where(pod => new V1LabelSelector { MatchLabels = service.Spec.Selector }.Match(pod.Labels)).ToArray();
            if (pods.Length != 1)
            {
                yield return $"the Service {service.Metadata.Name} selects {pods.Length} kinds of pods";
            }

            foreach (var port in service.Spec.Ports.Where(port => pods.Any(pod => pod.Containers.SelectMany(container => container.Ports ?? []).All(own => own.Name != port.TargetPort?.Value))))
            {
                yield return $"the Service {service.Metadata.Name} sends {port.Name} to a port that its pods have not";
            }
        }

        foreach (var workload in set.All<V1StatefulSet>())
        {
            if (set.All<V1Service>().Any(service => service.Metadata.Name == workload.Spec.ServiceName && service.Spec.ClusterIP is not "None"))
            {
                yield return $"the Service of {workload.Metadata.Name} gives its pods no names";
            }
        }

        foreach (var budget in set.All<V1PodDisruptionBudget>().Where(budget => set.Pods.Count(pod => budget.Spec.Selector.Match(pod.Labels)) != 1))
        {
            yield return $"the budget {budget.Metadata.Name} is not that of one workload";
        }
    }

    private static IEnumerable<string> OfMonitors(ManifestSet set)
    {
        foreach (var monitor in set.All<PodMonitor>())
        {
            var pods = set.Pods.Where(pod => monitor.Spec!.Selector!.Match(pod.Labels)).ToArray();
            if (!pods.Select(pod => pod.Name).Order().SequenceEqual(set.Nodes.Select(node => node.Name).Order()))
            {
                yield return "Prometheus does not see all nodes, or others";
            }

            foreach (var pod in pods.Where(pod => monitor.Spec!.PodMetricsEndpoints!.Any(endpoint => pod.Containers.SelectMany(container => container.Ports ?? []).All(port => port.Name != endpoint.Port))))
            {
                yield return $"Prometheus asks {pod} at a port that it has not";
            }

            foreach (var label in monitor.Spec!.PodTargetLabels!.Append(monitor.Spec.JobLabel!).Where(label => pods.Any(pod => !pod.Labels.ContainsKey(label))))
            {
                yield return $"Prometheus takes the label {label}, which the nodes have not";
            }
        }
    }

    private static IEnumerable<string> OfNames(ManifestSet set) =>
        set.Objects.OfType<k8s.IKubernetesObject<V1ObjectMeta>>()
            .GroupBy(thing => (thing.ApiVersion, thing.Kind, thing.Metadata.NamespaceProperty, thing.Metadata.Name))
            .Where(same => same.Count() > 1)
            .Select(same => $"there are {same.Count()} of {same.Key}");
}
