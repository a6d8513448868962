using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class ProtectionTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["a gateway listens without TLS"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("gateway-", StringComparison.Ordinal)).Data["ASPNETCORE_URLS"] = "http://0.0.0.0:8080",
        ["a gateway does not ask who calls"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("gateway-", StringComparison.Ordinal)).Data.Where(pair => pair.Key.Contains("Authentication", StringComparison.Ordinal)).ToList().ForEach(pair => set.All<V1ConfigMap>().ToList().ForEach(map => map.Data.Remove(pair.Key))),
        ["something is dangerous"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("node-", StringComparison.Ordinal)).Data["Orrery__Dangerously__ConnectNodesWithoutTls"] = "true",
        ["nodes have no certificate"] = set => set.All<V1ConfigMap>().Single(map => map.Metadata.Name.StartsWith("node-", StringComparison.Ordinal)).Data.Remove("Orrery__NodeTls__Certificate"),
        ["the certificate is mounted nowhere"] = set => set.Node("worker").Spec.Containers[0].VolumeMounts.Remove(set.Node("worker").Spec.Containers[0].VolumeMounts.Single(mount => mount.Name == "node-tls")),
        ["a certificate is never renewed in the pod"] = set => set.Node("worker").Spec.Containers[0].VolumeMounts[0].SubPath = "tls.crt",
        ["the certificate is that of another cluster"] = set => set.All<Certificate>().Single(certificate => certificate.Metadata!.Name == "node").Spec!.DnsNames![0] = "else",
        ["nodes can't connect"] = set => set.All<Certificate>().Single(certificate => certificate.Metadata!.Name == "node").Spec!.Usages!.Remove("client auth"),
        ["a gateway has the name of another"] = set => set.All<Certificate>().Single(certificate => certificate.Metadata!.Name == "gateway").Spec!.DnsNames!.Clear(),
        ["a gateway is as good as a node"] = set => set.All<Certificate>().Single(certificate => certificate.Metadata!.Name == "gateway").Spec!.IssuerRef!.Name = "node-authority",
        ["a key is kept"] = set => set.All<Certificate>().Single(certificate => certificate.Metadata!.Name == "node").Spec!.PrivateKey!.RotationPolicy = "Never",
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Only_the_overlay_to_try_things_with_goes_unprotected(string variant) => Assert.Empty(Protection.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_takes_protection_away_is_noticed(string broken)
    {
        var set = ManifestSet.Of("production");
        Breaks[broken](set);

        Assert.NotEmpty(Protection.Problems(set));
    }
}
