using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class PodSecurityTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["it may run as root"] = set => set.Node("worker").Spec.SecurityContext.RunAsNonRoot = null,
        ["it runs as root"] = set => set.Node("worker").Spec.Containers[0].SecurityContext.RunAsUser = 0,
        ["it may get more rights"] = set => set.Node("worker").Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = null,
        ["it is privileged"] = set => set.Node("worker").Spec.Containers[0].SecurityContext.Privileged = true,
        ["it keeps capabilities"] = set => set.Node("worker").Spec.Containers[0].SecurityContext.Capabilities.Drop = ["NET_RAW"],
        ["it adds a capability"] = set => set.Node("worker").Spec.Containers[0].SecurityContext.Capabilities.Add = ["SYS_ADMIN"],
        ["it may call all of the kernel"] = set => set.Node("worker").Spec.SecurityContext.SeccompProfile = null,
        ["it writes to its image"] = set => set.Node("worker").Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem = false,
        ["it mounts a folder of the machine"] = set => set.Node("worker").Spec.Volumes.Add(new V1Volume { Name = "machine", HostPath = new V1HostPathVolumeSource { Path = "/" } }),
        ["it has the machine's network"] = set => set.Node("worker").Spec.HostNetwork = true,
        ["it has a port of the machine"] = set => set.Node("worker").Spec.Containers[0].Ports[0].HostPort = 80,
        ["a container that prepares it may run as root"] = set => set.Node("worker").Spec.InitContainers = [new V1Container { Name = "first" }],
        ["it does not say what it needs"] = set => set.Node("worker").Spec.Containers[0].Resources.Limits.Remove("memory"),
        ["the namespace enforces nothing"] = set => set.All<V1Namespace>().Single().Metadata.Labels.Remove("pod-security.kubernetes.io/enforce"),
        ["the namespace is another one"] = set => set.All<V1StatefulSet>().First().Metadata.NamespaceProperty = "default",
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Every_pod_keeps_to_the_restricted_level(string variant) => Assert.Empty(PodSecurity.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_pod_that_may_more_is_noticed(string broken)
    {
        var set = ManifestSet.Of("dev");
        Breaks[broken](set);

        Assert.NotEmpty(PodSecurity.Problems(set));
    }
}
