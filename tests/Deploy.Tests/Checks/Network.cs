using System.Globalization;
using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Who reaches which port, by the network policies: those who need it, and nobody else.</summary>
internal static class Network
{
    private const string Name = "app.kubernetes.io/name";
    private const string Space = "kubernetes.io/metadata.name";
    private const string Database = "5432";

    public static IEnumerable<string> Problems(ManifestSet set) => [.. OfDenial(set), .. OfPorts(set), .. OfWayOut(set)];

    private static IEnumerable<string> OfDenial(ManifestSet set)
    {
        if (!set.All<V1NetworkPolicy>().Any(policy => policy.Spec.PodSelector is not { MatchLabels.Count: > 0 } and not { MatchExpressions.Count: > 0 }
            && policy.Spec.PolicyTypes.Order().SequenceEqual(["Egress", "Ingress"]) && policy.Spec.Ingress is null or [] && policy.Spec.Egress is null or []))
        {
            yield return "what no policy names is not closed";
        }
    }

    private static IEnumerable<string> OfPorts(ManifestSet set)
    {
        foreach (var pod in set.Pods)
        {
            foreach (var port in pod.Containers.SelectMany(container => container.Ports ?? []))
            {
                var expected = Users(set, port.Name).Order(StringComparer.Ordinal).ToArray();
                var actual = Peers(set).Where(peer => Enters(set, peer, pod, port) && Leaves(set, peer, pod, port)).Select(peer => peer.Who).Order(StringComparer.Ordinal).ToArray();
                if (!actual.SequenceEqual(expected))
                {
                    yield return $"{port.Name} of {pod} is reached by {string.Join(", ", actual)}, and should be by {string.Join(", ", expected)}";
                }
            }

            if (Peers(set).Any(peer => Enters(set, peer, pod, new V1ContainerPort { ContainerPort = 9, Name = "discard" })))
            {
                yield return $"{pod} is reached at ports that it has not";
            }
        }
    }

    /// <summary>Who is to reach a port of that name.</summary>
    private static IEnumerable<string> Users(ManifestSet set, string port)
    {
        var parts = set.Variant.Split('+');
        bool Has(string component) => parts.Contains(component) || (parts[0] is "production" && component is "ingress" or "monitoring" && parts[0] is "production");
        return port switch
        {
            "silo" => ["coordinator", "gateway", "worker"],
            "client" => Has("clients") ? ["a client"] : [],
            "management" => Has("monitoring") ? ["Prometheus"] : [],
            "rpc" => [.. new[] { "a caller" }, .. Has("ingress") ? ["the ingress"] : Array.Empty<string>(), .. Has("gateway-api") ? ["the edge"] : Array.Empty<string>()],
            "postgres" => ["coordinator", "gateway", "schema-2", "worker"],
            _ => throw new InvalidOperationException($"Nobody said who is to reach the port {port}."),
        };
    }

    // Those who live in this namespace, and those who come from others, where nothing keeps them from leaving.
    private static IEnumerable<Peer> Peers(ManifestSet set)
    {
        var own = new Dictionary<string, string> { [Space] = "orrery" };
        return
        [
            .. set.Pods.Select(pod => new Peer(pod.Name, own, pod.Labels, IsOwn: true)),
            new("a client", own, new Dictionary<string, string> { ["orrery/client"] = "true" }, IsOwn: true),
            new("a neighbour", own, new Dictionary<string, string> { [Name] = "else" }, IsOwn: true),
            new("a caller", new Dictionary<string, string> { [Space] = "shop", ["orrery/callers"] = "true" }, new Dictionary<string, string>()),
            new("the ingress", new Dictionary<string, string> { [Space] = "ingress-nginx" }, new Dictionary<string, string>()),
            new("the edge", new Dictionary<string, string> { [Space] = "envoy-gateway-system" }, new Dictionary<string, string>()),
            new("Prometheus", new Dictionary<string, string> { [Space] = "monitoring" }, new Dictionary<string, string> { [Name] = "prometheus" }),
            new("another tool", new Dictionary<string, string> { [Space] = "monitoring" }, new Dictionary<string, string> { [Name] = "else" }),
            new("a stranger", new Dictionary<string, string> { [Space] = "elsewhere" }, new Dictionary<string, string> { [Name] = "orrery" }),
        ];
    }

    private static bool Enters(ManifestSet set, Peer peer, PodKind pod, V1ContainerPort port)
    {
        var policies = set.All<V1NetworkPolicy>().Where(policy => policy.Spec.PodSelector.Match(pod.Labels) && policy.Spec.PolicyTypes.Contains("Ingress")).ToArray();
        return policies.Length == 0 || policies.SelectMany(policy => policy.Spec.Ingress ?? []).Any(rule => IsOne(rule.FromProperty, peer) && IsPort(rule.Ports, port));
    }

    private static bool Leaves(ManifestSet set, Peer peer, PodKind pod, V1ContainerPort port)
    {
        var policies = set.All<V1NetworkPolicy>().Where(policy => peer.IsOwn && policy.Spec.PodSelector.Match(peer.Labels) && policy.Spec.PolicyTypes.Contains("Egress")).ToArray();
        var target = new Peer(pod.Name, new Dictionary<string, string> { [Space] = "orrery" }, pod.Labels, IsOwn: true);
        return policies.Length == 0 || policies.SelectMany(policy => policy.Spec.Egress ?? []).Any(rule => IsOne(rule.To, target) && IsPort(rule.Ports, port));
    }

    private static bool IsOne(IList<V1NetworkPolicyPeer>? peers, Peer peer) => peers is null or [] || peers.Any(allowed => allowed.IpBlock is null
        && (allowed.NamespaceSelector?.Match(peer.Namespace) ?? peer.IsOwn)
        && (allowed.PodSelector?.Match(peer.Labels) ?? true));

    private static bool IsPort(IList<V1NetworkPolicyPort>? ports, V1ContainerPort port) => ports is null or [] || ports.Any(allowed =>
        (allowed.Protocol ?? "TCP") == (port.Protocol ?? "TCP")
        && (allowed.Port.Value == port.Name || allowed.Port.Value == port.ContainerPort.ToString(CultureInfo.InvariantCulture)));

    // To what has no label here.
    private static IEnumerable<string> OfWayOut(ManifestSet set)
    {
        foreach (var pod in set.Pods)
        {
            var rules = set.All<V1NetworkPolicy>()
                .Where(policy => policy.Spec.PodSelector.Match(pod.Labels) && policy.Spec.PolicyTypes.Contains("Egress"))
                .SelectMany(policy => policy.Spec.Egress ?? [])
                .ToArray();
            var isNode = set.Nodes.Contains(pod);
            var usesDatabase = pod.Workload is "Job" || isNode;
            if (!rules.Any(rule => rule.To.Any(peer => peer.NamespaceSelector?.MatchLabels?[Space] is "kube-system") && rule.Ports.Select(port => $"{port.Port.Value}/{port.Protocol}").Order().SequenceEqual(["53/TCP", "53/UDP"])))
            {
                yield return $"{pod} can't look up names";
            }

            if (rules.Any(rule => (rule.Ports ?? []).Any(port => port.Port.Value is Database)) != usesDatabase)
            {
                yield return $"{pod} {(usesDatabase ? "does not reach" : "reaches")} the database";
            }

            var toAddresses = rules.Where(rule => rule.To is null or [] || rule.To.Any(peer => peer.IpBlock is not null)).ToArray();
            var ports = toAddresses.SelectMany(rule => rule.Ports?.Select(port => port.Port.Value) ?? ["any"]).Except([Database]).Order(StringComparer.Ordinal).ToArray();
            if (!ports.SequenceEqual(isNode ? ["443", "6443"] : []))
            {
                yield return $"{pod} reaches addresses elsewhere at {string.Join(", ", ports)}";
            }

            if (toAddresses.SelectMany(rule => rule.To ?? []).Any(peer => peer.IpBlock is { Cidr: "0.0.0.0/0" } block && block.Except?.Contains("169.254.0.0/16") is not true))
            {
                yield return $"{pod} reaches the address at which clouds give credentials";
            }
        }
    }

    private sealed record Peer(string Who, IDictionary<string, string> Namespace, IDictionary<string, string> Labels, bool IsOwn = false);
}
