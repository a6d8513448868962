using System.Text.RegularExpressions;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Pods run images that somebody chose.</summary>
internal static partial class Tags
{
    public static IEnumerable<string> Problems(ManifestSet set) =>
        from pod in set.Pods
        from container in pod.Containers
        let image = Image().Match(container.Image)
        where !image.Success || image.Groups["tag"].Value is "latest"
        select $"{pod} runs {container.Image}, whatever that is today";

    [GeneratedRegex(@"^(?<name>[a-z0-9./-]+(:\d+/[a-z0-9./-]+)?)(:(?<tag>[\w.-]+)|@sha256:[0-9a-f]{64})$")]
    private static partial Regex Image();
}
