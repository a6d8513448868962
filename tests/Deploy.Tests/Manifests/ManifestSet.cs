using k8s;
using k8s.Models;

namespace Orrery.Deploy.Tests.Manifests;

/// <summary>The objects of a cluster, as they would be sent to Kubernetes. Each reader has its own, to change as it likes.</summary>
internal sealed class ManifestSet
{
    private static readonly Dictionary<string, Type> CustomKinds = new()
    {
        ["cert-manager.io/v1/Certificate"] = typeof(Certificate),
        ["cert-manager.io/v1/Issuer"] = typeof(Issuer),
        ["external-secrets.io/v1/ExternalSecret"] = typeof(ExternalSecret),
        ["gateway.networking.k8s.io/v1/BackendTLSPolicy"] = typeof(BackendTlsPolicy),
        ["gateway.networking.k8s.io/v1/Gateway"] = typeof(EdgeGateway),
        ["gateway.networking.k8s.io/v1/HTTPRoute"] = typeof(HttpRoute),
        ["monitoring.coreos.com/v1/PodMonitor"] = typeof(PodMonitor),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
    };

    private ManifestSet(string variant, List<object> objects)
    {
        Variant = variant;
        Objects = objects;
    }

    /// <summary>The overlay, with its components.</summary>
    public string Variant { get; }

    public List<object> Objects { get; }

    /// <summary>The pods that workloads make.</summary>
    public IReadOnlyList<PodKind> Pods =>
    [
        .. All<V1Deployment>().Select(workload => new PodKind("Deployment", workload.Metadata, workload.Spec.Template, workload.Spec.Selector)),
        .. All<V1StatefulSet>().Select(workload => new PodKind("StatefulSet", workload.Metadata, workload.Spec.Template, workload.Spec.Selector, workload.Spec.VolumeClaimTemplates)),
        .. All<V1Job>().Select(workload => new PodKind("Job", workload.Metadata, workload.Spec.Template, null)),
    ];

    /// <summary>Those of them that are nodes of the cluster.</summary>
    public IReadOnlyList<PodKind> Nodes => [.. Pods.Where(pod => pod.Labels.TryGetValue("app.kubernetes.io/name", out var name) && name is "orrery")];

    /// <summary>Builds a variant and reads it.</summary>
    public static ManifestSet Of(string variant) => Read(variant, Kubectl.Build(Manifests.Variant.Of(variant)));

    /// <summary>Reads YAML; a field that its kind has not, and one that stands there twice, is refused.</summary>
    public static ManifestSet Read(string variant, string yaml) => new(variant, KubernetesYaml.LoadAllFromString(yaml, CustomKinds, strict: true));

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    public PodKind Node(string name) => Nodes.Single(pod => pod.Name == name);
}

/// <summary>What the pods of a workload are made of.</summary>
/// <param name="Workload">The workload's kind.</param>
/// <param name="Metadata">That of the workload.</param>
/// <param name="Template">The pod.</param>
/// <param name="Selector">By which the workload knows its pods; null where Kubernetes makes it.</param>
/// <param name="Claims">The volumes that each pod gets for itself.</param>
internal sealed record PodKind(string Workload, V1ObjectMeta Metadata, V1PodTemplateSpec Template, V1LabelSelector? Selector, IList<V1PersistentVolumeClaim>? Claims = null)
{
    public string Name => Metadata.Name;

    public V1PodSpec Spec => Template.Spec;

    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    public IEnumerable<V1Container> Containers => Spec.Containers.Concat(Spec.InitContainers ?? []);

    public override string ToString() => $"{Workload} {Name}";
}
