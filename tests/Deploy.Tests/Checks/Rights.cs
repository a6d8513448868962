using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>What pods may ask of Kubernetes is what they ask.</summary>
internal static class Rights
{
    /// <summary>The calls that a node makes to Kubernetes, in its own namespace. Whoever adds one to the code adds it here.</summary>
    private static readonly string[] OfNodes = ["get pods", "list pods", "watch pods"];

    public static IEnumerable<string> Problems(ManifestSet set)
    {
        if (set.Objects.Any(thing => thing is V1ClusterRole or V1ClusterRoleBinding))
        {
            yield return "something has rights in the whole cluster";
        }

        foreach (var pod in set.Pods)
        {
            var account = pod.Spec.ServiceAccountName;
            var needed = set.Nodes.Contains(pod) ? OfNodes : [];
            var given = Given(set, account).Order(StringComparer.Ordinal).ToArray();
            if (!given.SequenceEqual(needed))
            {
                yield return $"{pod} may {string.Join(", ", given)}, and needs {string.Join(", ", needed)}";
            }

            if (HasToken(set, pod) != needed.Length > 0)
            {
                yield return $"{pod} has {(HasToken(set, pod) ? "a token that it does not need" : "no token")}";
            }
        }

        foreach (var shared in set.Nodes.GroupBy(node => node.Spec.ServiceAccountName).Where(shared => shared.Key is null || shared.Count() > 1))
        {
            yield return $"{string.Join(" and ", shared)} have the same account";
        }
    }

    private static bool HasToken(ManifestSet set, PodKind pod) =>
        pod.Spec.AutomountServiceAccountToken
        ?? set.All<V1ServiceAccount>().FirstOrDefault(account => account.Metadata.Name == pod.Spec.ServiceAccountName)?.AutomountServiceAccountToken
        ?? true;

    /// <summary>What an account may ask, like <c>get pods</c>.</summary>
    public static IEnumerable<string> Given(ManifestSet set, string? account) =>
        from binding in set.All<V1RoleBinding>()
        where binding.Subjects.Any(subject => subject.Kind is "ServiceAccount" && subject.Name == account && subject.NamespaceProperty == binding.Metadata.NamespaceProperty)
        from role in set.All<V1Role>()
        where role.Metadata.Name == binding.RoleRef.Name
        from rule in role.Rules
        from verb in rule.Verbs
        from resource in rule.Resources ?? []
        from api in rule.ApiGroups ?? []
        select $"{verb} {(api.Length == 0 ? "" : api + "/")}{resource}{(rule.ResourceNames is { Count: > 0 } names ? " of " + string.Join("/", names) : "")}";
}
