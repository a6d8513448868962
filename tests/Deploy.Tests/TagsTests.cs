using k8s.Models;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class TagsTests
{
    private static readonly Dictionary<string, Action<ManifestSet>> Breaks = new()
    {
        ["it is the latest"] = set => set.Node("worker").Spec.Containers[0].Image = "orrery/silo:latest",
        ["it has no tag"] = set => set.Node("worker").Spec.Containers[0].Image = "orrery/silo",
        ["it has a port and no tag"] = set => set.Node("worker").Spec.Containers[0].Image = "registry:5000/orrery/silo",
    };

    public static TheoryData<string> Broken => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Every_image_has_a_tag_that_somebody_chose(string variant) => Assert.Empty(Tags.Problems(ManifestSet.Of(variant)));

    [Theory]
    [MemberData(nameof(Broken))]
    public void An_image_of_no_version_is_noticed(string broken)
    {
        var set = ManifestSet.Of("dev");
        Breaks[broken](set);

        Assert.NotEmpty(Tags.Problems(set));
    }
}
