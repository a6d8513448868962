using System.Text.RegularExpressions;
using k8s.Models;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Deploy.Tests.Pods;
using Orrery.Tests;

namespace Orrery.Deploy.Tests;

public sealed partial class RunbookTests(SharedPostgres postgres)
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "kubernetes.md"));

    [Fact]
    public void Every_alert_is_explained_and_no_other() => Assert.Equal(
        ManifestSet.Of("production").All<PrometheusRule>().SelectMany(rules => rules.Spec!.Groups!).SelectMany(group => group.Rules!).Select(rule => rule.Alert!).Order(StringComparer.Ordinal),
        Alert().Matches(Text).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_component_is_listed_and_no_other() => Assert.Equal(Variant.Existing, Component().Matches(Text).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_object_and_folder_that_a_command_names_is_there()
    {
        var set = ManifestSet.Of("production");
        var objects = set.Pods.Select(pod => $"{pod.Workload.ToLowerInvariant()}/{pod.Name}").Concat(set.All<V1Service>().Select(service => $"service/{service.Metadata.Name}"));

        Assert.Empty(Target().Matches(Text).Select(match => match.Value).Except(objects));
        Assert.Empty(Folder().Matches(Text).Select(match => match.Value).Where(path => !Path.Exists(Path.Combine(Repository.Root, path))).Distinct());
    }

    [Fact]
    public async Task Nodes_and_gateways_take_the_documented_certificates()
    {
        var folder = Directory.CreateTempSubdirectory("orrery-runbook-").FullName;
        foreach (var command in Text.Split('\n').Where(line => line.StartsWith("openssl ", StringComparison.Ordinal)))
        {
            await using var openssl = NodeProcess.Start("bash", ["-c", command], directory: folder);
            Assert.True(await openssl.ExitsAsync() == 0, $"{command}\n{openssl.Output}");
        }

        Dictionary<string, string> Files(string kind) => new() { ["tls.crt"] = Read($"{kind}.crt"), ["tls.key"] = Read($"{kind}.key"), ["ca.crt"] = Read("ca.crt") };
        string Read(string name) => File.ReadAllText(Path.Combine(folder, name));
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var secrets = new Dictionary<string, Dictionary<string, string>> { ["database"] = new() { ["connection"] = database.ConnectionString }, ["node-tls"] = Files("node"), ["gateway-tls"] = Files("gateway") };
        var set = ManifestSet.Of("production");
        await using var worker = new LocalPod(set, "worker", secrets);
        await using var gateway = new LocalPod(set, "gateway", secrets);

        await gateway.Process.SeesAsync(WorkerIsAlive());

        Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex("Node (worker-0) at \\S+ is Alive")]
    private static partial Regex WorkerIsAlive();

    [GeneratedRegex(@"^\| `(Orrery\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"^\| `components/([\w-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Component();

    [GeneratedRegex(@"\b(deployment|statefulset|service|job)/[a-z0-9-]+\b")]
    private static partial Regex Target();

    [GeneratedRegex(@"deploy/k8s(/[\w./-]+\w)?")]
    private static partial Regex Folder();
}
