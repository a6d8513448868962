using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Whatever is named is there, and whatever is there is named.</summary>
internal static class References
{
    /// <summary>
    /// What the operator of a cluster brings along, with its keys: all that the manifests need and have not. An overlay's own
    /// first, then what a component adds.
    /// </summary>
    private static readonly Dictionary<string, (string Kind, string Name, string[] Keys)[]> Brought = new()
    {
        ["dev"] = [],
        ["production"] =
        [
            ("Secret", "database", ["connection"]),
            ("Secret", "database-owner", ["PGHOST", "PGDATABASE", "PGUSER", "PGPASSWORD"]),
            ("Secret", "edge-tls", ["tls.crt", "tls.key"]),
        ],
        ["gateway-api"] = [("ConfigMap", "gateway-ca", ["ca.crt"])],
    };

    private static readonly string[] CertificateKeys = ["ca.crt", "tls.crt", "tls.key"];

    public static IEnumerable<string> Problems(ManifestSet set)
    {
        var have = Have(set).ToArray();
        var wanted = set.Pods.SelectMany(OfPod).Concat(OfOthers(set)).ToArray();
        return wanted
            .Where(want => !have.Any(thing => thing.Kind == want.Kind && thing.Name == want.Name && (want.Key is null || thing.Keys.Contains(want.Key))))
            .Select(want => $"{want.By} wants the {want.Kind} {want.Name}{(want.Key is null ? "" : $" with {want.Key}")}")
            .Concat(Unused(set, wanted))
            .Concat(set.Pods.SelectMany(OfVolumes));
    }

    private static IEnumerable<(string Kind, string Name, IEnumerable<string> Keys)> Have(ManifestSet set)
    {
        (string, string, IEnumerable<string>)[] own =
        [
            .. set.All<V1ConfigMap>().Select(map => ("ConfigMap", map.Metadata.Name, (map.Data ?? new Dictionary<string, string>()).Keys.AsEnumerable())),
            .. set.All<V1Secret>().Select(secret => ("Secret", secret.Metadata.Name, (secret.Data ?? new Dictionary<string, byte[]>()).Keys.AsEnumerable())),
            .. set.All<Certificate>().Select(certificate => ("Secret", certificate.Spec!.SecretName!, CertificateKeys.AsEnumerable())),
            .. set.All<ExternalSecret>().Select(secret => ("Secret", secret.Spec!.Target!.Name!, (secret.Spec.Data ?? []).Select(data => data.SecretKey!))),
            .. set.All<V1ServiceAccount>().Select(account => ("ServiceAccount", account.Metadata.Name, Enumerable.Empty<string>())),
            .. set.All<V1PriorityClass>().Select(priority => ("PriorityClass", priority.Metadata.Name, Enumerable.Empty<string>())),
            .. set.All<V1Role>().Select(role => ("Role", role.Metadata.Name, Enumerable.Empty<string>())),
            .. set.All<Issuer>().Select(issuer => ("Issuer", issuer.Metadata!.Name, Enumerable.Empty<string>())),
            .. set.All<EdgeGateway>().Select(gateway => ("Gateway", gateway.Metadata!.Name, gateway.Spec!.Listeners!.Select(listener => listener.Name!))),
            .. set.All<V1Service>().Select(service => ("Service", service.Metadata.Name, service.Spec.Ports.SelectMany(port => new[] { port.Name, $"{port.Port}" }))),
            .. set.Pods.Select(pod => (pod.Workload, pod.Name, Enumerable.Empty<string>())),
        ];
        return own.Concat(set.Variant.Split('+').SelectMany(part => Brought.GetValueOrDefault(part, [])).Select(thing => (thing.Kind, thing.Name, thing.Keys.AsEnumerable())));
    }

    private static IEnumerable<Want> OfPod(PodKind pod)
    {
        var by = $"{pod}";
        if (pod.Spec.ServiceAccountName is { } account)
        {
            yield return new(by, "ServiceAccount", account);
        }

        if (pod.Spec.PriorityClassName is { } priority)
        {
            yield return new(by, "PriorityClass", priority);
        }

        foreach (var want in pod.Containers.SelectMany(container => OfEnvironment(by, container)).Concat((pod.Spec.Volumes ?? []).SelectMany(volume => OfVolume(by, volume))))
        {
            yield return want;
        }

        // Every file that a setting names is a key of what is mounted there.
        foreach (var container in pod.Containers)
        {
            foreach (var mount in container.VolumeMounts ?? [])
            {
                var volume = (pod.Spec.Volumes ?? []).FirstOrDefault(volume => volume.Name == mount.Name);
                foreach (var value in (container.Env ?? []).Select(variable => variable.Value).OfType<string>().Where(value => value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)))
                {
                    if (volume?.Secret is { } secret)
                    {
                        yield return new(by, "Secret", secret.SecretName, value[(mount.MountPath.Length + 1)..]);
                    }
                }
            }
        }
    }

    private static IEnumerable<Want> OfEnvironment(string by, V1Container container)
    {
        foreach (var source in container.EnvFrom ?? [])
        {
            if (source.ConfigMapRef is { } map)
            {
                yield return new(by, "ConfigMap", map.Name);
            }

            if (source.SecretRef is { } secret)
            {
                yield return new(by, "Secret", secret.Name);
            }
        }

        foreach (var source in (container.Env ?? []).Select(variable => variable.ValueFrom).OfType<V1EnvVarSource>())
        {
            if (source.ConfigMapKeyRef is { } map)
            {
                yield return new(by, "ConfigMap", map.Name, map.Key);
            }

            if (source.SecretKeyRef is { } secret)
            {
                yield return new(by, "Secret", secret.Name, secret.Key);
            }
        }
    }

    private static IEnumerable<Want> OfVolume(string by, V1Volume volume)
    {
        foreach (var want in OfSource(by, "ConfigMap", volume.ConfigMap?.Name, volume.ConfigMap?.Items)
            .Concat(OfSource(by, "Secret", volume.Secret?.SecretName, volume.Secret?.Items))
            .Concat((volume.Projected?.Sources ?? []).SelectMany(source => OfSource(by, "ConfigMap", source.ConfigMap?.Name, source.ConfigMap?.Items).Concat(OfSource(by, "Secret", source.Secret?.Name, source.Secret?.Items)))))
        {
            yield return want;
        }

        if (volume.PersistentVolumeClaim is { } claim)
        {
            yield return new(by, "PersistentVolumeClaim", claim.ClaimName);
        }
    }

    private static IEnumerable<Want> OfSource(string by, string kind, string? name, IList<V1KeyToPath>? items) =>
        name is null ? [] : items is { Count: > 0 } ? items.Select(item => new Want(by, kind, name, item.Key)) : [new(by, kind, name)];

    private static IEnumerable<Want> OfOthers(ManifestSet set) =>
    [
        .. set.All<V1RoleBinding>().Select(binding => new Want("a RoleBinding", binding.RoleRef.Kind, binding.RoleRef.Name)),
        .. set.All<V1RoleBinding>().SelectMany(binding => binding.Subjects.Select(subject => new Want("a RoleBinding", subject.Kind, subject.Name))),
        .. set.All<V1StatefulSet>().Select(workload => new Want(workload.Metadata.Name, "Service", workload.Spec.ServiceName)),
        .. set.All<V2HorizontalPodAutoscaler>().Select(scaler => new Want("an autoscaler", scaler.Spec.ScaleTargetRef.Kind, scaler.Spec.ScaleTargetRef.Name)),
        .. set.All<V1Ingress>().SelectMany(ingress => ingress.Spec.Tls.Select(tls => new Want("the Ingress", "Secret", tls.SecretName, "tls.crt"))),
        .. set.All<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths).Select(path => new Want("the Ingress", "Service", path.Backend.Service.Name, path.Backend.Service.Port.Name ?? $"{path.Backend.Service.Port.Number}")),
        .. set.All<Certificate>().Select(certificate => new Want("a Certificate", certificate.Spec!.IssuerRef!.Kind!, certificate.Spec.IssuerRef.Name!)),
        .. set.All<Issuer>().Where(issuer => issuer.Spec!.Ca is not null).Select(issuer => new Want("an Issuer", "Secret", issuer.Spec!.Ca!.SecretName!)),
        .. set.All<EdgeGateway>().SelectMany(gateway => gateway.Spec!.Listeners!).SelectMany(listener => listener.Tls!.CertificateRefs!).Select(secret => new Want("the Gateway", secret.Kind!, secret.Name!, "tls.crt")),
        .. set.All<HttpRoute>().SelectMany(route => route.Spec!.ParentRefs!).Select(parent => new Want("the HTTPRoute", "Gateway", parent.Name!, parent.SectionName)),
        .. set.All<HttpRoute>().SelectMany(route => route.Spec!.Rules!).SelectMany(rule => rule.BackendRefs!).Select(service => new Want("the HTTPRoute", "Service", service.Name!, $"{service.Port}")),
        .. set.All<BackendTlsPolicy>().SelectMany(policy => policy.Spec!.TargetRefs!).Select(service => new Want("the BackendTLSPolicy", "Service", service.Name!, service.SectionName)),
        .. set.All<BackendTlsPolicy>().SelectMany(policy => policy.Spec!.Validation!.CaCertificateRefs!).Select(authority => new Want("the BackendTLSPolicy", authority.Kind!, authority.Name!, "ca.crt")),
    ];

    private static IEnumerable<string> OfVolumes(PodKind pod)
    {
        var volumes = (pod.Spec.Volumes ?? []).Select(volume => volume.Name).Concat((pod.Claims ?? []).Select(claim => claim.Metadata.Name)).ToArray();
        var mounted = pod.Containers.SelectMany(container => container.VolumeMounts ?? []).Select(mount => mount.Name).Distinct().ToArray();
        return mounted.Except(volumes).Select(name => $"{pod} mounts {name}, which is no volume").Concat(volumes.Except(mounted).Select(name => $"{pod} has the volume {name} and mounts it nowhere"));
    }

    private static IEnumerable<string> Unused(ManifestSet set, IReadOnlyCollection<Want> wanted) =>
        Have(set)
            // A dashboard is found by its label, and a deployment by whoever runs it.
            .Where(thing => thing.Kind is "ConfigMap" or "Secret" or "ServiceAccount" or "PriorityClass" or "Role" or "Issuer" && thing.Name is not "dashboard")
            .Where(thing => !wanted.Any(want => want.Kind == thing.Kind && want.Name == thing.Name))
            .Select(thing => $"nobody uses the {thing.Kind} {thing.Name}");

    private sealed record Want(string By, string Kind, string Name, string? Key = null);
}
