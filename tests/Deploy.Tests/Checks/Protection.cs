using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Both planes are protected, by certificates that fit, unless the overlay is the one to try things with.</summary>
internal static class Protection
{
    private const string Dangerous = "Orrery__Dangerously__";

    public static IEnumerable<string> Problems(ManifestSet set)
    {
        if (set.Variant.Split('+')[0] is "dev")
        {
            return [];
        }

        return [.. set.Nodes.SelectMany(node => OfNode(set, node)), .. OfCertificates(set)];
    }

    private static IEnumerable<string> OfNode(ManifestSet set, PodKind node)
    {
        var environment = PodEnvironment.Of(set, node);
        foreach (var key in environment.Keys.Where(key => key.StartsWith(Dangerous, StringComparison.OrdinalIgnoreCase) || key is "Orrery__NodeTls__Verify" or "Orrery__NodeTls__Enabled"))
        {
            yield return $"{node} sets {key}";
        }

        var needed = new List<string> { "Orrery__NodeTls__Ca", "Orrery__NodeTls__Certificate", "Orrery__NodeTls__Key" };
        if (environment.TryGetValue("ASPNETCORE_URLS", out var urls))
        {
            needed.AddRange(["Orrery__Tls__Certificate", "Orrery__Tls__Key"]);
            if (!urls.StartsWith("https://", StringComparison.Ordinal) || !environment.Keys.Any(key => key.StartsWith("Orrery__Authentication__", StringComparison.Ordinal)))
            {
                yield return $"{node} does not ask who calls, or not in secret";
            }
        }

        foreach (var key in needed.Where(key => !IsMounted(node, environment.GetValueOrDefault(key))))
        {
            yield return $"{node} has no file for {key}";
        }

        // Kubernetes leaves a file that is mounted by itself what it was when its Secret changes.
        foreach (var mount in node.Spec.Containers.SelectMany(container => container.VolumeMounts).Where(mount => mount.SubPath is not null || mount.SubPathExpr is not null))
        {
            yield return $"{node} does not get a new {mount.Name}";
        }
    }

    private static bool IsMounted(PodKind node, string? file) =>
        file is not null && node.Spec.Containers.Single().VolumeMounts.Any(mount =>
            file.StartsWith(mount.MountPath + "/", StringComparison.Ordinal) && node.Spec.Volumes.Any(volume => volume.Name == mount.Name && volume.Secret is not null));

    private static IEnumerable<string> OfCertificates(ManifestSet set)
    {
        var cluster = PodEnvironment.Of(set, set.Node("gateway"))["Orrery__ClusterId"];
        if (set.All<Certificate>().FirstOrDefault(certificate => certificate.Spec!.SecretName is "node-tls")?.Spec is not { } nodes
            || !nodes.DnsNames!.Contains(cluster) || !nodes.Usages!.Contains("server auth") || !nodes.Usages.Contains("client auth"))
        {
            yield return "the nodes' certificate does not say that they are nodes of this cluster";
        }

        if (set.All<Certificate>().FirstOrDefault(certificate => certificate.Spec!.SecretName is "gateway-tls")?.Spec is not { } gateway
            || !gateway.DnsNames!.Contains($"gateway.{set.Node("gateway").Metadata.NamespaceProperty}.svc") || !gateway.Usages!.Contains("server auth")
            || gateway.IssuerRef!.Name == set.All<Certificate>().Single(certificate => certificate.Spec!.SecretName is "node-tls").Spec!.IssuerRef!.Name)
        {
            yield return "the gateways' certificate is not for their name, or good for being a node";
        }

        foreach (var certificate in set.All<Certificate>().Where(certificate => Hours(certificate.Spec!.RenewBefore) * 2 > Hours(certificate.Spec.Duration) || (certificate.Spec!.IsCA is not true && certificate.Spec.PrivateKey!.RotationPolicy is not "Always")))
        {
            yield return $"the Certificate {certificate.Metadata!.Name} is renewed too soon, or keeps its key";
        }
    }

    private static int Hours(string? duration) => int.Parse(duration!.TrimEnd('h'), System.Globalization.CultureInfo.InvariantCulture);
}
