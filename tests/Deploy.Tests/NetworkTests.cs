using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class NetworkTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["nothing is closed"] = set => set.Objects.Remove(set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "deny-all")),
        ["nodes do not reach nodes"] = set => set.Objects.Remove(set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-nodes")),
        ["nodes may not connect to nodes"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-nodes").Spec.Egress.Clear(),
        ["everybody reaches nodes"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-nodes").Spec.Ingress[0].FromProperty = null,
        ["all ports are open to nodes"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-nodes").Spec.Ingress[0].Ports = null,
        ["the wrong port is open"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-nodes").Spec.Ingress[0].Ports[0].Port = "30000",
        ["callers do not reach the gateways"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "callers-to-gateways").Spec.Ingress.Clear(),
        ["callers reach all ports of the gateways"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "callers-to-gateways").Spec.Ingress[0].Ports = null,
        ["every namespace reaches the gateways"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "ingress-to-gateways").Spec.Ingress[0].FromProperty[0].NamespaceSelector = new V1LabelSelector(),
        ["Prometheus does not reach the nodes"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "prometheus-to-nodes").Spec.Ingress.Clear(),
        ["all of monitoring reaches the nodes"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "prometheus-to-nodes").Spec.Ingress[0].FromProperty[0].PodSelector = null,
        ["nobody looks up names"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "all-to-dns").Spec.Egress.Clear(),
        ["the database is out of reach"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-database").Spec.Egress.Clear(),
        ["Kubernetes is out of reach"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-kubernetes").Spec.Egress[0].Ports.Clear(),
        ["the credentials of the machine are in reach"] = set => set.All<V1NetworkPolicy>().Single(policy => policy.Metadata.Name == "nodes-to-kubernetes").Spec.Egress[0].To[0].IpBlock.Except = null,
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Each_port_is_reached_by_those_who_need_it_and_nobody_else(string variant) => Assert.Empty(Network.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_port_that_is_too_open_or_closed_is_noticed(string broken)
    {
        var set = ManifestSet.Of("production");
        Breaks[broken](set);

        Assert.NotEmpty(Network.Problems(set));
    }
}
