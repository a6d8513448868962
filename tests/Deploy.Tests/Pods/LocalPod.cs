using k8s.Models;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Tests;

namespace Orrery.Deploy.Tests.Pods;

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

    private readonly IReadOnlyDictionary<string, Dictionary<string, string>> _secrets;
    private readonly string _root = Directory.CreateTempSubdirectory("orrery-pod-").FullName;
    private readonly PodKind _node;

    /// <summary>Starts it.</summary>
    /// <param name="set">The manifests.</param>
    /// <param name="kind">The name of the workload.</param>
    /// <param name="secrets">What the Secrets hold that it mounts, by name and key.</param>
    /// <param name="name">Its name; null for that of the first pod of a StatefulSet.</param>
    /// <param name="api">Gives the settings by which a pod of that name reaches the API of Kubernetes; without them it does not.</param>
    public LocalPod(ManifestSet set, string kind, IReadOnlyDictionary<string, Dictionary<string, string>> secrets, string? name = null, Func<string, Dictionary<string, string>>? api = null)
    {
        _node = set.Node(kind);
        _secrets = secrets;
        Name = name ?? $"{kind}-0";
        // Any of 127.0.0.0/8 is this machine, so that each pod has all ports.
        Address = $"127.1.7.{Interlocked.Increment(ref _pods)}";
        var fields = new Dictionary<string, string> { ["metadata.name"] = Name, ["metadata.namespace"] = _node.Metadata.NamespaceProperty, ["status.podIP"] = Address };
        foreach (var mount in Container.VolumeMounts)
        {
            Mount(mount);
        }

        var environment = PodEnvironment.Of(set, _node, fields).ToDictionary(pair => pair.Key, pair => Here(pair.Value).Replace("//0.0.0.0:", $"//{Address}:", StringComparison.Ordinal));
        foreach (var (key, value) in api?.Invoke(Name) ?? [])
        {
            environment[key] = value;
        }

        var (project, program) = Programs[Container.Image.Split('/', ':')[^2]];
        Process = NodeProcess.Start(project, program, [], environment, _root);
    }

    public string Name { get; }

    /// <summary>Its IP address.</summary>
    public string Address { get; }

    public IDictionary<string, string> Labels => _node.Labels;

    /// <summary>What it is made by.</summary>
    public V1PodSpec Spec => _node.Spec;

    /// <summary>The node.</summary>
    public NodeProcess Process { get; }

    private V1Container Container => _node.Spec.Containers.Single();

    /// <summary>Where a probe asks.</summary>
    public Uri UrlOf(V1HTTPGetAction probe) => new($"http://{Address}:{PortOf(probe.Port.Value)}{probe.Path}");

    /// <summary>The number of a port.</summary>
    /// <param name="name">Its name.</param>
    public int PortOf(string name) => Container.Ports.Single(port => port.Name == name).ContainerPort;

    /// <summary>The probes of its manifest.</summary>
    public IEnumerable<V1HTTPGetAction> Probes => Wiring.Probes(Container).Select(probe => probe.HttpGet);

    /// <summary>Secrets with certificates that fit.</summary>
    /// <param name="connection">That of the database; without one it is nowhere, and the node waits for it.</param>
    public static IReadOnlyDictionary<string, Dictionary<string, string>> Secrets(string connection = "Host=127.0.0.1;Port=1;Database=orrery;Username=orrery;Password=orrery")
    {
        using var authority = new TestAuthority();
        Dictionary<string, string> Issue(string name)
        {
            var (certificate, key) = authority.WritePem(authority.Issue([name]), "issued");
            return new() { ["tls.crt"] = File.ReadAllText(certificate), ["tls.key"] = File.ReadAllText(key), ["ca.crt"] = File.ReadAllText(authority.File) };
        }

        return new Dictionary<string, Dictionary<string, string>>
        {
            ["database"] = new() { ["connection"] = connection },
            ["gateway-tls"] = Issue("gateway.orrery.svc"),
            ["node-tls"] = Issue("orrery"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private void Mount(V1VolumeMount mount)
    {
        var folder = Directory.CreateDirectory(_root + mount.MountPath).FullName;
        if (_node.Spec.Volumes.Single(volume => volume.Name == mount.Name).Secret is { } secret)
        {
            // An overlay's own Secrets have names that end in a hash.
            foreach (var (key, content) in _secrets.Single(pair => secret.SecretName == pair.Key || secret.SecretName.StartsWith(pair.Key + "-", StringComparison.Ordinal)).Value)
            {
                File.WriteAllText(Path.Combine(folder, key), content);
            }
        }
    }

    private string Here(string value) =>
        value is "/services" ? Path.Combine(Repository.Output("samples/HelloServices"))
        : Container.VolumeMounts.Any(mount => value.StartsWith(mount.MountPath + "/", StringComparison.Ordinal)) ? _root + value
        : value;
}
