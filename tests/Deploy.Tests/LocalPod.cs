using k8s.Models;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Tests;

namespace Orrery.Deploy.Tests;

/// <summary>A pod of a node, as a process: its variables, an address of its own, and files where its volumes are mounted.</summary>
internal sealed class LocalPod : IAsyncDisposable
{
    private static readonly Dictionary<string, (string Project, string Program)> Programs = new()
    {
        ["gateway"] = ("src/Gateway", "Orrery.Gateway"),
        // What is on top of a silo's image is a folder with services.
        ["services"] = ("src/Silo", "Orrery.Silo"),
        ["silo"] = ("src/Silo", "Orrery.Silo"),
    };

    private static int _pods;

    private readonly TestAuthority _authority;
    private readonly string _connection;
    private readonly string _root = Directory.CreateTempSubdirectory("orrery-pod-").FullName;
    private readonly PodKind _node;
    private readonly string _address;

    /// <summary>Starts it.</summary>
    /// <param name="set">The manifests.</param>
    /// <param name="kind">The name of the workload.</param>
    /// <param name="authority">Signs its certificates.</param>
    /// <param name="connection">What is in the Secret of the database.</param>
    public LocalPod(ManifestSet set, string kind, TestAuthority authority, string connection)
    {
        _node = set.Node(kind);
        _authority = authority;
        _connection = connection;
        // Any of 127.0.0.0/8 is this machine, so that each pod has all ports.
        _address = $"127.1.7.{Interlocked.Increment(ref _pods)}";
        var fields = new Dictionary<string, string> { ["metadata.name"] = $"{kind}-0", ["metadata.namespace"] = _node.Metadata.NamespaceProperty, ["status.podIP"] = _address };
        foreach (var mount in Container.VolumeMounts)
        {
            Mount(mount);
        }

        var environment = PodEnvironment.Of(set, _node, fields).ToDictionary(pair => pair.Key, pair => Here(pair.Value).Replace("//0.0.0.0:", $"//{_address}:", StringComparison.Ordinal));
        var (project, program) = Programs[Container.Image.Split('/', ':')[^2]];
        Process = NodeProcess.Start(project, program, [], environment, _root);
    }

    /// <summary>The node.</summary>
    public NodeProcess Process { get; }

    private V1Container Container => _node.Spec.Containers.Single();

    /// <summary>Where a probe asks.</summary>
    public Uri UrlOf(V1HTTPGetAction probe) => new($"http://{_address}:{Container.Ports.Single(port => port.Name == probe.Port.Value).ContainerPort}{probe.Path}");

    /// <summary>The probes of its manifest.</summary>
    public IEnumerable<V1HTTPGetAction> Probes => Wiring.Probes(Container).Select(probe => probe.HttpGet);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private void Mount(V1VolumeMount mount)
    {
        var folder = Directory.CreateDirectory(_root + mount.MountPath).FullName;
        switch (_node.Spec.Volumes.Single(volume => volume.Name == mount.Name).Secret?.SecretName.Split('-'))
        {
            case ["database", ..]:
                File.WriteAllText(Path.Combine(folder, "connection"), _connection);
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

    private string Here(string value) =>
        value is "/services" ? Path.Combine(Repository.Output("samples/HelloServices"))
        : Container.VolumeMounts.Any(mount => value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)) ? _root + value
        : value;
}
