using System.Text.RegularExpressions;
using System.Xml.Linq;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed partial class ReleaseTests
{
    [Fact]
    public void Manifests_name_the_images_of_this_release()
    {
        var version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        var images = Kubectl.Build(Path.Combine(Kubectl.Folder, "base")) + Kubectl.Build(new Variant("production"));

        Assert.Equal([version], Image().Matches(images).Select(match => match.Groups[1].Value).Distinct());
    }

    [Fact]
    public void A_folder_with_manifests_has_none_that_is_not_in_its_list()
    {
        var unlisted = Directory.GetFiles(Kubectl.Folder, "kustomization.yaml", SearchOption.AllDirectories)
            .SelectMany(list => Directory.GetFiles(Path.GetDirectoryName(list)!)
                .Where(file => Path.GetFileName(file) is var name && name is not "kustomization.yaml" && !File.ReadAllText(list).Contains(name, StringComparison.Ordinal)));

        Assert.Empty(unlisted);
    }

    [GeneratedRegex(@"image: \S*orrery/\w+:(\S+)")]
    private static partial Regex Image();
}
