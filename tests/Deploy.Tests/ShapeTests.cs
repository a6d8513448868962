using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests;

public sealed class ShapeTests
{
    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Every_manifest_is_what_its_kind_says(string variant)
    {
        var set = ManifestSet.Of(variant);

        Assert.Empty(Shape.Problems(Kubectl.Build(Variant.Of(variant)), set.Objects));
    }

    [Fact]
    public void Every_component_is_in_a_variant_that_is_tested() =>
        Assert.Empty(Variant.Existing.Except(Variant.All.SelectMany(variant => variant.Data.Split('+')).Concat(["tls", "certificates", "autoscaling", "ingress", "monitoring"])));

    [Theory]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata:\n  nmae: x\n")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  name: y\n")]
    [InlineData("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - readiness: {}\n")]
    [InlineData("apiVersion: cert-manager.io/v1\nkind: Certificate\nspec:\n  dnsName: x\n")]
    [InlineData("apiVersion: v2\nkind: Service\nmetadata:\n  name: x\n")]
    public void A_field_or_kind_that_is_not_there_is_refused(string yaml) => Assert.ThrowsAny<Exception>(() => ManifestSet.Read("dev", yaml));

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\ndata:\n  key: true\n")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\ndata:\n  key: 5\n")]
    [InlineData("apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: \"true\"\n")]
    public void A_value_of_another_type_is_noticed(string yaml) => Assert.NotEmpty(Shape.Problems(yaml, ManifestSet.Read("dev", yaml).Objects));
}
