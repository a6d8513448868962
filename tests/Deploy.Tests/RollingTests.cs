using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class RollingTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["it is killed too soon"] = set => set.Node("gateway").Spec.TerminationGracePeriodSeconds = 65,
        ["it drains for longer than it has"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("node-", StringComparison.Ordinal)).Data["DOTNET_shutdownTimeoutSeconds"] = "90",
        ["it refuses connections too soon"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("gateway-", StringComparison.Ordinal)).Data["Orrery__StopAcceptingAfter"] = "00:00:02",
        ["it runs a shell before it stops"] = set => set.Node("worker").Spec.Containers[0].Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler { Exec = new V1ExecAction { Command = ["sleep", "5"] } } },
        ["it is not asked whether it is ready"] = set => set.Node("worker").Spec.Containers[0].ReadinessProbe = null,
        ["it is asked another path"] = set => set.Node("worker").Spec.Containers[0].LivenessProbe.HttpGet.Path = "/health/ready",
        ["it may hang for a minute"] = set => set.Node("worker").Spec.Containers[0].LivenessProbe.PeriodSeconds = 20,
        ["it is restarted when it is busy"] = set => set.Node("worker").Spec.Containers[0].LivenessProbe.TimeoutSeconds = 1,
        ["it has no time to say that it is ready"] = set => set.Node("worker").Spec.Containers[0].ReadinessProbe.TimeoutSeconds = 1,
        ["an old gateway goes before a new one is there"] = set => set.All<V1Deployment>().Single().Spec.Strategy.RollingUpdate.MaxUnavailable = "1",
        ["workers wait for one that never comes up"] = set => set.All<V1StatefulSet>().First().Spec.PodManagementPolicy = "OrderedReady",
        ["workers are not rolled"] = set => set.All<V1StatefulSet>().First().Spec.UpdateStrategy.Type = "OnDelete",
        ["a budget lets none go"] = set => set.All<V1PodDisruptionBudget>().First().Spec.MaxUnavailable = "0",
        ["a budget lets all go"] = set => set.All<V1PodDisruptionBudget>().First().Spec.MaxUnavailable = "100%",
        ["a budget keeps as many as there are"] = set => (set.All<V1PodDisruptionBudget>().First().Spec.MaxUnavailable, set.All<V1PodDisruptionBudget>().First().Spec.MinAvailable) = (null, "3"),
        ["there is no budget"] = set => set.Objects.Remove(set.All<V1PodDisruptionBudget>().First()),
        ["there is one coordinator"] = set => set.All<V1StatefulSet>().Single(workload => workload.Metadata.Name == "coordinator").Spec.Replicas = 1,
        ["two say how many workers there are"] = set => set.All<V1StatefulSet>().Single(workload => workload.Metadata.Name == "worker").Spec.Replicas = 3,
        ["an autoscaler scales what is not there"] = set => set.All<V2HorizontalPodAutoscaler>().First().Spec.ScaleTargetRef.Kind = "Job",
        ["an autoscaler has no room"] = set => set.All<V2HorizontalPodAutoscaler>().First().Spec.MaxReplicas = 2,
        ["workers go faster than they drain"] = set => set.All<V2HorizontalPodAutoscaler>().First().Spec.Behavior.ScaleDown.Policies[0].Value = 4,
        ["nobody says what a share of a processor is"] = set => set.Node("worker").Spec.Containers[0].Resources.Requests.Remove("cpu"),
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Pods_come_and_go_without_losing_a_call(string variant) => Assert.Empty(Rolling.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_loses_calls_is_noticed(string broken)
    {
        var set = ManifestSet.Of("production");
        Breaks[broken](set);

        Assert.NotEmpty(Rolling.Problems(set));
    }
}
