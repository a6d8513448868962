using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class WiringTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["a workload does not select its pods"] = set => set.Node("worker").Selector!.MatchLabels["app.kubernetes.io/component"] = "else",
        ["a Service selects nothing"] = set => set.All<V1Service>().First().Spec.Selector["app.kubernetes.io/component"] = "else",
        ["a Service selects too much"] = set => set.All<V1Service>().First().Spec.Selector.Remove("app.kubernetes.io/component"),
        ["a Service sends to a port that is not there"] = set => set.All<V1Service>().First().Spec.Ports[0].TargetPort = "else",
        ["a Service of a StatefulSet is an ordinary one"] = set => set.All<V1Service>().Single(service => service.Metadata.Name == "worker").Spec.ClusterIP = null,
        ["a probe asks at a port that is not there"] = set => set.Node("worker").Spec.Containers[0].LivenessProbe.HttpGet.Port = "else",
        ["a port has the name of another"] = set => set.Node("worker").Spec.Containers[0].Ports[0].Name = "management",
        ["a budget is for two workloads"] = set => set.All<V1PodDisruptionBudget>().First().Spec.Selector.MatchLabels.Remove("app.kubernetes.io/component"),
        ["pods are spread among others"] = set => set.Node("worker").Spec.TopologySpreadConstraints[0].LabelSelector.MatchLabels["app.kubernetes.io/name"] = "else",
        ["Prometheus does not see a node"] = set => set.All<PodMonitor>().Single().Spec!.Selector!.MatchLabels["app.kubernetes.io/component"] = "worker",
        ["Prometheus asks at a port that is not there"] = set => set.All<PodMonitor>().Single().Spec!.PodMetricsEndpoints![0].Port = "else",
        ["two objects have one name"] = set => set.Objects.Add(set.All<V1Service>().First()),
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Selectors_and_ports_fit(string variant) => Assert.Empty(Wiring.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_selector_or_port_that_does_not_fit_is_noticed(string broken)
    {
        var set = ManifestSet.Of("production");
        Breaks[broken](set);

        Assert.NotEmpty(Wiring.Problems(set));
    }
}
