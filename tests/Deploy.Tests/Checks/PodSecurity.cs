using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>The level <c>restricted</c> of the Pod Security Standards, and what Orrery wants beyond it.</summary>
internal static class PodSecurity
{
    private const string Enforce = "pod-security.kubernetes.io/enforce";

    public static IEnumerable<string> Problems(ManifestSet set) =>
        set.Pods.SelectMany(pod => OfPod(pod).Concat(pod.Containers.SelectMany(container => OfContainer(pod.Spec.SecurityContext, container).Concat(Beyond(container)))).Select(problem => $"{pod}: {problem}"))
            .Concat(OfNamespaces(set));

    private static IEnumerable<string> OfPod(PodKind pod)
    {
        var spec = pod.Spec;
        if (spec.HostNetwork is true || spec.HostPID is true || spec.HostIPC is true || spec.HostUsers is true)
        {
            yield return "it shares something of the machine";
        }

        foreach (var volume in (spec.Volumes ?? []).Where(volume => !IsAllowed(volume)))
        {
            yield return $"the volume {volume.Name} is of a kind that is not allowed";
        }

        foreach (var annotation in (pod.Template.Metadata.Annotations ?? new Dictionary<string, string>()).Keys.Where(key => key.Contains("apparmor", StringComparison.Ordinal) || key.Contains("seccomp", StringComparison.Ordinal)))
        {
            yield return $"{annotation} changes what the machine's kernel allows";
        }

        if (spec.SecurityContext is { } context && (context.Sysctls is { Count: > 0 } || context.SeLinuxOptions is not null || context.WindowsOptions is not null || context.SupplementalGroups is { } groups && groups.Contains(0)))
        {
            yield return "its security context has more than it needs";
        }
    }

    private static bool IsAllowed(V1Volume volume) =>
        volume.ConfigMap is not null || volume.Secret is not null || volume.EmptyDir is not null || volume.Projected is not null
        || volume.DownwardAPI is not null || volume.PersistentVolumeClaim is not null || volume.Csi is not null || volume.Ephemeral is not null;

    private static IEnumerable<string> OfContainer(V1PodSecurityContext? pod, V1Container container)
    {
        var context = container.SecurityContext;
        if (context?.Privileged is true)
        {
            yield return $"{container.Name} is privileged";
        }

        if (context?.AllowPrivilegeEscalation is not false)
        {
            yield return $"{container.Name} may get more rights than it has";
        }

        if (!(context?.Capabilities?.Drop ?? []).Contains("ALL") || (context?.Capabilities?.Add ?? []).Any(capability => capability is not "NET_BIND_SERVICE"))
        {
            yield return $"{container.Name} keeps capabilities";
        }

        if ((context?.RunAsNonRoot ?? pod?.RunAsNonRoot) is not true || (context?.RunAsUser ?? pod?.RunAsUser) is null or 0)
        {
            yield return $"{container.Name} may run as root";
        }

        if ((context?.SeccompProfile ?? pod?.SeccompProfile)?.Type is not ("RuntimeDefault" or "Localhost"))
        {
            yield return $"{container.Name} may call whatever the kernel has";
        }

        if (context?.ProcMount is not (null or "Default") || (container.Ports ?? []).Any(port => port.HostPort is not null and not 0))
        {
            yield return $"{container.Name} uses what is the machine's";
        }
    }

    private static IEnumerable<string> Beyond(V1Container container)
    {
        if (container.SecurityContext?.ReadOnlyRootFilesystem is not true)
        {
            yield return $"{container.Name} may write to its image";
        }

        if (container.Resources?.Requests is not { } requests || !requests.ContainsKey("cpu") || !requests.ContainsKey("memory") || container.Resources.Limits?.ContainsKey("memory") is not true)
        {
            yield return $"{container.Name} does not say what it needs";
        }
    }

    private static IEnumerable<string> OfNamespaces(ManifestSet set)
    {
        var namespaces = set.All<V1Namespace>().ToArray();
        foreach (var space in namespaces.Where(space => space.Metadata.Labels?.TryGetValue(Enforce, out var level) is not true || level is not "restricted"))
        {
            yield return $"the namespace {space.Metadata.Name} does not enforce the level";
        }

        foreach (var pod in set.Pods.Where(pod => namespaces.All(space => space.Metadata.Name != pod.Metadata.NamespaceProperty)))
        {
            yield return $"{pod} is in a namespace that is not here";
        }
    }
}
