using System.Text.RegularExpressions;
using k8s.Models;

namespace Orrery.Deploy.Tests.Manifests;

/// <summary>The environment variables of a pod's container, made of its manifest as the kubelet makes them.</summary>
internal static partial class PodEnvironment
{
    /// <summary>Gives the variables; those that are known only when the pod runs stand as <c>{fieldPath}</c>.</summary>
    /// <param name="set">The manifests with the pod's ConfigMaps and Secrets.</param>
    /// <param name="pod">A pod with one container.</param>
    /// <param name="fields">What the pod is at that time, by field path.</param>
    /// <exception cref="InvalidOperationException">A variable is made of one that comes after it: Kubernetes leaves its name as it stands.</exception>
    public static Dictionary<string, string> Of(ManifestSet set, PodKind pod, IReadOnlyDictionary<string, string>? fields = null)
    {
        var container = pod.Spec.Containers.Single();
        var environment = new Dictionary<string, string>();
        foreach (var (name, value) in (container.EnvFrom ?? []).SelectMany(source => All(set, source)))
        {
            environment[name] = value;
        }

        foreach (var variable in container.Env ?? [])
        {
            environment[variable.Name] = variable.ValueFrom is { } source ? Value(set, source, fields) : Expand(variable.Value ?? "", environment);
        }

        return environment;
    }

    /// <summary>The arguments of a pod's container, with the variables in them.</summary>
    public static IReadOnlyList<string> Arguments(ManifestSet set, PodKind pod)
    {
        var environment = Of(set, pod);
        return [.. (pod.Spec.Containers.Single().Args ?? []).Select(argument => Expand(argument, environment))];
    }

    private static string Expand(string text, Dictionary<string, string> environment) => Reference().Replace(text, match =>
        environment.TryGetValue(match.Groups[1].Value, out var value) ? value : throw new InvalidOperationException($"{match.Value} is not known where it stands."));

    private static IEnumerable<KeyValuePair<string, string>> All(ManifestSet set, V1EnvFromSource source) =>
        source.ConfigMapRef is { } map ? Map(set, map.Name) : Secret(set, source.SecretRef.Name);

    private static string Value(ManifestSet set, V1EnvVarSource source, IReadOnlyDictionary<string, string>? fields) => source switch
    {
        { FieldRef: { } field } => fields is null ? $"{{{field.FieldPath}}}" : fields[field.FieldPath],
        { ConfigMapKeyRef: { } map } => Map(set, map.Name)[map.Key],
        { SecretKeyRef: { } secret } => Secret(set, secret.Name).GetValueOrDefault(secret.Key, ""),
        _ => throw new InvalidOperationException("A variable comes from nowhere."),
    };

    private static IDictionary<string, string> Map(ManifestSet set, string name) => set.All<V1ConfigMap>().Single(map => map.Metadata.Name == name).Data;

    private static Dictionary<string, string> Secret(ManifestSet set, string name) =>
        set.All<V1Secret>().SingleOrDefault(secret => secret.Metadata.Name == name)?.Data.ToDictionary(pair => pair.Key, pair => System.Text.Encoding.UTF8.GetString(pair.Value)) ?? [];

    [GeneratedRegex(@"\$\(([^)]+)\)")]
    private static partial Regex Reference();
}
