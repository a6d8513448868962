using System.Text.RegularExpressions;
using k8s.Models;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Deploy.Tests.Pods;
using Orrery.Tests;

namespace Orrery.Deploy.Tests;

public sealed partial class SettingsTests(SharedPostgres postgres)
{
    // What no setting of Orrery is: the runtime's, the web server's, and OpenTelemetry's own names.
    private static readonly string[] Others =
    [
        "ASPNETCORE_URLS",
        "ConnectionStrings__Orrery_FILE",
        "DOTNET_shutdownTimeoutSeconds",
        "Logging__Console__FormatterName",
        "Logging__Console__FormatterOptions__TimestampFormat",
        "Logging__Console__FormatterOptions__UseUtcTimestamp",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];

    [Theory]
    [InlineData("production+collector", "coordinator")]
    [InlineData("production+services", "worker")]
    public async Task A_node_takes_every_setting_of_its_pod_and_waits_for_the_database(string variant, string kind)
    {
        await using var pod = new LocalPod(ManifestSet.Of(variant), kind, LocalPod.Secrets());

        await pod.Process.SeesAsync(WaitsForDatabase());
    }

    [Fact]
    public async Task A_setting_that_the_node_has_not_is_noticed()
    {
        var set = ManifestSet.Of("dev");
        set.Node("worker").Spec.Containers[0].Env.Add(new V1EnvVar { Name = "Orrery__Else", Value = "1" });
        await using var pod = new LocalPod(set, "worker", LocalPod.Secrets());

        Assert.Equal(78, await pod.Process.ExitsAsync());
        Assert.Contains("Orrery:Else is not a setting", pod.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("production")]
    public async Task The_nodes_of_a_cluster_find_one_another_and_answer_their_probes(string variant)
    {
        var set = ManifestSet.Of(variant);
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var secrets = LocalPod.Secrets(database.ConnectionString);
        await using var coordinator = new LocalPod(set, "coordinator", secrets);
        await using var worker = new LocalPod(set, "worker", secrets);
        await using var gateway = new LocalPod(set, "gateway", secrets);
        using var kubelet = new HttpClient();

        foreach (var pod in new[] { coordinator, worker, gateway })
        {
            await pod.Process.SeesAsync(IsInTheCluster());
            foreach (var probe in pod.Probes)
            {
                await SucceedsAsync(kubelet, pod.UrlOf(probe));
            }
        }

        Assert.Equal(["coordinator-0", "gateway-0", "worker-0"], await database.ReadAsync("SELECT node_id FROM orrery_member ORDER BY 1", TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void Nodes_have_no_variables_but_those_of_the_platform(string variant)
    {
        var set = ManifestSet.Of(variant);
        var others = set.Nodes.SelectMany(node => PodEnvironment.Of(set, node).Keys).Distinct().Where(key => !key.StartsWith("Orrery__", StringComparison.Ordinal)).Except(Others);

        Assert.Empty(others);
    }

    [Fact]
    public void A_variable_that_is_made_of_a_later_one_is_noticed()
    {
        var set = ManifestSet.Of("dev");
        var environment = set.Node("gateway").Spec.Containers[0].Env;
        environment.Insert(0, environment.Single(variable => variable.Name == "Orrery__Url"));

        Assert.Throws<InvalidOperationException>(() => PodEnvironment.Of(set, set.Node("gateway")));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void A_node_is_told_its_pods_name_address_and_namespace_its_role_and_the_ports_that_it_declares(string variant)
    {
        var set = ManifestSet.Of(variant);
        foreach (var node in set.Nodes)
        {
            var environment = PodEnvironment.Of(set, node);
            var ports = node.Spec.Containers.Single().Ports.ToDictionary(port => port.Name, port => $"{port.ContainerPort}");
            Assert.Equal("{metadata.name}", environment["Orrery__NodeId"]);
            Assert.Equal("{status.podIP}", environment["Orrery__Address"]);
            Assert.Equal("{metadata.namespace}", environment["Orrery__Kubernetes__Namespace"]);
            Assert.Equal(node.Name, environment["Orrery__Roles"]);
            // By which the nodes find it (src/Kubernetes).
            Assert.Equal("orrery", node.Labels["app.kubernetes.io/part-of"]);
            Assert.Equal(ports["silo"], environment["Orrery__SiloPort"]);
            Assert.Equal(ports["client"], environment["Orrery__ClientPort"]);
            Assert.EndsWith(":" + ports["management"], environment["Orrery__ManagementUrl"], StringComparison.Ordinal);
            Assert.Equal(ports.ContainsKey("rpc"), environment.ContainsKey("ASPNETCORE_URLS"));
            if (ports.TryGetValue("rpc", out var rpc))
            {
                Assert.EndsWith(":" + rpc, environment["ASPNETCORE_URLS"], StringComparison.Ordinal);
                Assert.Equal(environment["ASPNETCORE_URLS"].Replace("0.0.0.0", "{status.podIP}", StringComparison.Ordinal), environment["Orrery__Url"]);
            }
        }
    }

    private static async Task SucceedsAsync(HttpClient kubelet, Uri url)
    {
        using var period = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await period.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            using var answer = await kubelet.GetAsync(url, TestContext.Current.CancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }
        }
    }

    [GeneratedRegex(@"(\S+) at \S+ is in the cluster")]
    private static partial Regex IsInTheCluster();

    [GeneratedRegex("waits for the database")]
    private static partial Regex WaitsForDatabase();
}
