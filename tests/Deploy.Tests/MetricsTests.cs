using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class MetricsTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["an alert asks for it"] = set => set.All<PrometheusRule>().Single().Spec!.Groups![0].Rules![0].Expr = "sum by (namespace) (rate(orrery_else_total[5m])) > 1",
        ["an alert comes at once"] = set => set.All<PrometheusRule>().Single().Spec!.Groups![0].Rules![0].For = null,
        ["an alert does not say what it is"] = set => set.All<PrometheusRule>().Single().Spec!.Groups![0].Rules![0].Annotations!.Clear(),
        ["the dashboard asks for it"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name == "dashboard").Data["orrery.json"] = """{"panels":[{"id":1,"targets":[{"expr":"orrery_else{namespace=\"x\"}"}]}],"templating":{"list":[]}}""",
        ["an autoscaler asks for it"] = set => set.All<V2HorizontalPodAutoscaler>().First().Spec.Metrics.Add(new V2MetricSpec { Type = "Pods", Pods = new V2PodsMetricSource { Metric = new V2MetricIdentifier { Name = "orrery_else" } } }),
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Whatever_is_asked_of_Prometheus_is_there(string variant) => Assert.Empty(Metrics.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_metric_that_nobody_has_is_noticed(string broken)
    {
        var set = ManifestSet.Of("production");
        Breaks[broken](set);

        Assert.NotEmpty(Metrics.Problems(set));
    }
}
