using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orrery.Kubernetes;

namespace Orrery.Cluster.Tests.Kubernetes;

public sealed class KubernetesSettingsTests
{
    private static readonly string File = typeof(KubernetesSettingsTests).Assembly.Location;

    [Fact]
    public void Without_a_namespace_nothing_is_watched() => Assert.Null(Read());

    [Fact]
    public void In_a_cluster_the_pod_s_own_account_is_used() => Assert.Equal(
        new KubernetesSettings("planets", new Uri("https://10.96.0.1:443"), File, File),
        Read(("Namespace", "planets"), ("TokenFile", File), ("CaFile", File), ("/KUBERNETES_SERVICE_HOST", "10.96.0.1"), ("/KUBERNETES_SERVICE_PORT", "443")));

    [Fact]
    public void A_pod_without_an_account_leaves_it_to_others() => Assert.Equal(
        new KubernetesSettings("planets", null, null, null),
        Read(("Namespace", "planets"), ("/KUBERNETES_SERVICE_HOST", "10.96.0.1")));

    [Fact]
    public void An_API_elsewhere_can_be_given() => Assert.Equal(
        new KubernetesSettings("planets", new Uri("http://127.0.0.1:8001"), null, null),
        Read(("Namespace", "planets"), ("Api", "http://127.0.0.1:8001")));

    [Theory]
    [InlineData("Orrery:Kubernetes:Namespace: 'Planets' can't be a namespace", "Namespace", "Planets")]
    [InlineData("Orrery:Kubernetes:Namespace: it is not set, so Orrery:Kubernetes:Api has no effect", "Api", "https://10.96.0.1")]
    [InlineData("Orrery:Kubernetes:Api: 'http://10.96.0.1' is not an address of the Kubernetes API", "Namespace", "planets", "Api", "http://10.96.0.1")]
    [InlineData("Orrery:Kubernetes:Api: 'here' is not an address of the Kubernetes API", "Namespace", "planets", "Api", "here")]
    [InlineData("Orrery:Kubernetes:TokenFile: there is no file '/no/such/file'", "Namespace", "planets", "Api", "https://10.96.0.1", "TokenFile", "/no/such/file")]
    [InlineData("Orrery:Kubernetes:CaFile: there is no file '/no/such/file'", "Namespace", "planets", "Api", "https://10.96.0.1", "CaFile", "/no/such/file")]
    [InlineData("Orrery:Kubernetes:Token is not a setting", "Namespace", "planets", "Token", "secret")]
    public void A_wrong_setting_is_refused_with_its_key(string expected, params string[] keysAndValues)
    {
        var failures = Assert.Throws<OptionsValidationException>(() => Read([.. keysAndValues.Chunk(2).Select(pair => (pair[0], pair[1]))])).Failures;

        Assert.StartsWith(expected, Assert.Single(failures), StringComparison.Ordinal);
    }

    private static KubernetesSettings? Read(params (string Key, string Value)[] settings) => KubernetesSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key is ['/', .. var name] ? name : $"Orrery:Kubernetes:{setting.Key}", (string?)setting.Value))).Build());
}
