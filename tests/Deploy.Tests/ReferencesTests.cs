using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class ReferencesTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["a ConfigMap is missing"] = set => set.Objects.Remove(set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("gateway-", StringComparison.Ordinal))),
        ["a key of a ConfigMap is missing"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name == "schema-grants").Data.Remove("role"),
        ["a mounted key of a ConfigMap is missing"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name == "schema").Data.Clear(),
        ["a Secret is missing"] = set => set.Objects.Remove(set.All<Certificate>().Single(certificate => certificate.Spec!.SecretName == "node-tls")),
        ["a file that a setting names is no key"] = set => set.Node("worker").Spec.Containers[0].Env.Single(variable => variable.Name == "ConnectionStrings__Orrery_FILE").Value = "/etc/orrery/database/url",
        ["an account is missing"] = set => set.Objects.Remove(set.All<V1ServiceAccount>().Single(account => account.Metadata.Name == "worker")),
        ["a volume is missing"] = set => set.Node("worker").Spec.Volumes.RemoveAt(0),
        ["a volume is mounted nowhere"] = set => set.Node("worker").Spec.Containers[0].VolumeMounts.RemoveAt(0),
        ["a priority is missing"] = set => set.Objects.Remove(set.All<V1PriorityClass>().Single()),
        ["a role is missing"] = set => set.Objects.Remove(set.All<V1Role>().Single()),
        ["an issuer is missing"] = set => set.Objects.Remove(set.All<Issuer>().First()),
        ["an autoscaler scales what is not there"] = set => set.All<V2HorizontalPodAutoscaler>().First().Spec.ScaleTargetRef.Name = "else",
        ["the Ingress leads to a port that is not there"] = set => set.All<V1Ingress>().Single().Spec.Rules[0].Http.Paths[0].Backend.Service.Port.Name = "else",
        ["the Ingress' Secret is missing"] = set => set.All<V1Ingress>().Single().Spec.Tls[0].SecretName = "else",
        ["a StatefulSet has no Service"] = set => set.All<V1StatefulSet>().First().Spec.ServiceName = "else",
        ["a claim is missing"] = set => set.Node("worker").Spec.Volumes.Add(new V1Volume { Name = "more", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "more" } }),
        ["nobody uses a ConfigMap"] = set => set.Objects.Add(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "else" } }),
        ["nobody uses an account"] = set => set.Objects.Add(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "else" } }),
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Whatever_is_named_is_there_and_used(string variant) => Assert.Empty(References.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_missing_or_left_over_is_noticed(string broken)
    {
        var set = ManifestSet.Of("production");
        Breaks[broken](set);

        Assert.NotEmpty(References.Problems(set));
    }
}
