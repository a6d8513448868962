using Orrery.Cluster.Tests.Processes;

namespace Orrery.Deploy.Tests.Manifests;

/// <summary>A cluster as somebody deploys it: an overlay, with further components or without.</summary>
/// <param name="Overlay">The folder in <c>overlays</c>.</param>
/// <param name="Components">The folders in <c>components</c> that are added to it.</param>
public sealed record Variant(string Overlay, params string[] Components)
{
    private const string FromOverlays = "../../";

    /// <summary>Its name in the list of tests.</summary>
    public string Name => string.Join('+', Components.Prepend(Overlay));

    /// <summary>The components that are there.</summary>
    public static IReadOnlyList<string> Existing { get; } =
        [.. Directory.GetDirectories(Path.Combine(Kubectl.Folder, "components")).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>
    /// All that are tested: between them they have each component, and each of those that no overlay has is also tested alone.
    /// </summary>
    public static TheoryData<string> All { get; } = [.. Listed().Select(variant => variant.Name)];

    /// <summary>Reads a name that <see cref="Name"/> gave.</summary>
    public static Variant Of(string name) => name.Split('+') is [var overlay, .. var components] ? new(overlay, components) : throw new ArgumentException(name);

    /// <summary>The folder to build: the overlay's, or a copy of it with the components in the list.</summary>
    public string Folder()
    {
        var source = Path.Combine(Kubectl.Folder, "overlays", Overlay);
        if (Components.Length == 0)
        {
            return source;
        }

        var copy = Directory.CreateTempSubdirectory("orrery-overlay-").FullName;
        var back = Path.GetRelativePath(copy, Kubectl.Folder) + "/";
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var path = Path.Combine(copy, "kustomization.yaml");
        var text = File.ReadAllText(path).Replace(FromOverlays, back, StringComparison.Ordinal);
        var list = string.Concat(Components.Select(component => $"\n- {back}components/{component}"));
        // Behind the components that it has, since some need others before them.
        var last = text.LastIndexOf($"- {back}components/", StringComparison.Ordinal);
        File.WriteAllText(path, last < 0 ? $"{text}components:{list}\n" : text.Insert(text.IndexOf('\n', last), list));
        return copy;
    }

    private static IEnumerable<Variant> Listed()
    {
        yield return new("dev");
        yield return new("production");
        var inOverlays = File.ReadAllText(Path.Combine(Kubectl.Folder, "overlays", "production", "kustomization.yaml"));
        var others = Existing.Where(component => !inOverlays.Contains($"components/{component}\n", StringComparison.Ordinal)).ToArray();
        foreach (var component in others)
        {
            yield return new("production", component);
        }

        yield return new("production", others);
        yield return new("dev", "autoscaling", "monitoring", "services", "clients", "collector");
    }
}
