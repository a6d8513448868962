using System.Text.RegularExpressions;
using k8s.Models;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Tests;

namespace Orrery.Deploy.Tests;

public sealed partial class SettingsTests
{
    private static readonly Dictionary<string, (string Project, string Program)> Programs = new()
    {
        ["coordinator"] = ("src/Silo", "Orrery.Silo"),
        ["gateway"] = ("src/Gateway", "Orrery.Gateway"),
        ["worker"] = ("src/Silo", "Orrery.Silo"),
    };

    // What no setting of Orrery is: the runtime's, the web server's, and OpenTelemetry's own names.
    private static readonly string[] Others = ["ASPNETCORE_URLS", "DOTNET_shutdownTimeoutSeconds", "Logging__Console__FormatterName", "OTEL_EXPORTER_OTLP_ENDPOINT", "ConnectionStrings__Orrery_FILE"];

    private static int _pods;

    public static TheoryData<string, string> Nodes
    {
        get
        {
            var nodes = new TheoryData<string, string>();
            foreach (var (variant, node) in from variant in new[] { "dev", "production", "production+collector", "production+services" } from node in Programs.Keys select (variant, node))
            {
                nodes.Add(variant, node);
            }

            return nodes;
        }
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task A_node_takes_every_setting_of_its_pod_and_waits_for_the_database(string variant, string kind)
    {
        using var pod = new Pod(ManifestSet.Of(variant), kind);
        await using var node = pod.Start();

        await node.SeesAsync(WaitsForDatabase());
    }

    [Fact]
    public async Task A_setting_that_the_node_has_not_is_noticed()
    {
        var set = ManifestSet.Of("dev");
        set.Node("worker").Spec.Containers[0].Env.Add(new V1EnvVar { Name = "Orrery__Else", Value = "1" });
        using var pod = new Pod(set, "worker");
        await using var node = pod.Start();

        Assert.Equal(78, await node.ExitsAsync());
        Assert.Contains("Orrery:Else is not a setting", node.Output, StringComparison.Ordinal);
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

    [GeneratedRegex("waits for the database")]
    private static partial Regex WaitsForDatabase();

    /// <summary>A pod of a node, as a process: its variables, an address of its own, and files where its volumes are mounted.</summary>
    private sealed class Pod : IDisposable
    {
        private readonly TestAuthority _authority = new();
        private readonly string _root = Directory.CreateTempSubdirectory("orrery-pod-").FullName;
        private readonly string _kind;
        private readonly Dictionary<string, string> _environment;

        public Pod(ManifestSet set, string kind)
        {
            _kind = kind;
            var node = set.Node(kind);
            // Any of 127.0.0.0/8 is this machine, so that each pod has all ports.
            var address = $"127.1.7.{Interlocked.Increment(ref _pods)}";
            var fields = new Dictionary<string, string> { ["metadata.name"] = $"{kind}-0", ["metadata.namespace"] = node.Metadata.NamespaceProperty, ["status.podIP"] = address };
            foreach (var mount in node.Spec.Containers.Single().VolumeMounts)
            {
                Mount(node, mount);
            }

            _environment = PodEnvironment.Of(set, node, fields).ToDictionary(pair => pair.Key, pair => Here(node, pair.Value).Replace("0.0.0.0", address, StringComparison.Ordinal));
        }

        public NodeProcess Start() => NodeProcess.Start(Programs[_kind].Project, Programs[_kind].Program, [], _environment, _root);

        public void Dispose()
        {
            _authority.Dispose();
            Directory.Delete(_root, recursive: true);
        }

        private void Mount(PodKind node, V1VolumeMount mount)
        {
            var folder = Directory.CreateDirectory(_root + mount.MountPath).FullName;
            switch (node.Spec.Volumes.Single(volume => volume.Name == mount.Name).Secret?.SecretName.Split('-'))
            {
                case ["database", ..]:
                    // Nobody listens there.
                    File.WriteAllText(Path.Combine(folder, "connection"), "Host=127.0.0.1;Port=1;Database=orrery;Username=orrery;Password=orrery");
                    break;
                case [var plane and ("node" or "gateway"), "tls"]:
                    var (certificate, key) = _authority.WritePem(_authority.Issue(plane is "node" ? ["orrery"] : ["gateway.orrery.svc"]), plane);
                    File.Copy(certificate, Path.Combine(folder, "tls.crt"));
                    File.Copy(key, Path.Combine(folder, "tls.key"));
                    File.Copy(_authority.File, Path.Combine(folder, "ca.crt"));
                    break;
                case null:
                    break;
                case var other:
                    throw new InvalidOperationException($"The test has nothing for the Secret {string.Join('-', other)}.");
            }
        }

        private string Here(PodKind node, string value) =>
            value is "/services" ? Path.Combine(Repository.Output("samples/HelloServices"))
            : node.Spec.Containers.Single().VolumeMounts.Any(mount => value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)) ? _root + value
            : value;
    }
}
