using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class RightsTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["nodes may not watch"] = set => set.All<V1Role>().Single().Rules[0].Verbs.Remove("watch"),
        ["nodes may delete"] = set => set.All<V1Role>().Single().Rules[0].Verbs.Add("delete"),
        ["nodes may read secrets"] = set => set.All<V1Role>().Single().Rules[0].Resources.Add("secrets"),
        ["workers may nothing"] = set => set.All<V1RoleBinding>().Single().Subjects.RemoveAt(1),
        ["the job may something"] = set => set.All<V1RoleBinding>().Single().Subjects.Add(new Rbacv1Subject { Kind = "ServiceAccount", Name = "schema", NamespaceProperty = "orrery" }),
        ["a node has no token"] = set => set.Node("worker").Spec.AutomountServiceAccountToken = false,
        ["the database has a token"] = set => set.Pods.Single(pod => pod.Name == "postgres").Spec.AutomountServiceAccountToken = true,
        ["two kinds share an account"] = set => set.Node("worker").Spec.ServiceAccountName = "coordinator",
        ["something may do it everywhere"] = set => set.Objects.Add(new V1ClusterRole()),
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Pods_may_ask_of_Kubernetes_what_they_ask(string variant) => Assert.Empty(Rights.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_right_too_many_or_too_few_is_noticed(string broken)
    {
        var set = ManifestSet.Of("dev");
        Breaks[broken](set);

        Assert.NotEmpty(Rights.Problems(set));
    }
}
