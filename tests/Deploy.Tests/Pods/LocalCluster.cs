using System.Net;
using System.Net.Sockets;
using k8s.Models;
using Npgsql;
using Orrery.Cluster.Tests.Kubernetes;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Tests;

namespace Orrery.Deploy.Tests.Pods;

/// <summary>
/// A cluster as Kubernetes runs it: the controllers of its workloads, its kubelets and its network, as the manifests want
/// them. Its pods are processes.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    // How late the machines of a cluster hear of a pod that is or is not ready.
    private static readonly TimeSpan NetworkLag = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (LocalPod Pod, Kubelet Kubelet)> _pods = [];
    private readonly List<Kubelet> _kubelets = [];
    private readonly CancellationTokenSource _end = new();
    private readonly string _tokens = Directory.CreateTempSubdirectory("orrery-tokens-").FullName;
    private readonly ManifestSet _set;
    private readonly IReadOnlyDictionary<string, Dictionary<string, string>> _secrets;
    private readonly Task _network;
    private volatile IPEndPoint[] _endpoints = [];

    private LocalCluster(ManifestSet set, string connection, KubernetesApi api)
    {
        _set = set;
        _secrets = LocalPod.Secrets(connection);
        Api = api;
        _network = RouteAsync();
    }

    public KubernetesApi Api { get; }

    /// <summary>The pods that are there, by name.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_pods)
            {
                return [.. _pods.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    private IEnumerable<PodKind> Kinds => _set.Nodes;

    /// <summary>Makes the tables, and all pods; waits until they are available.</summary>
    public static async Task<LocalCluster> StartAsync(ManifestSet set, SharedPostgres postgres)
    {
        var owner = new NpgsqlConnectionStringBuilder(await postgres.Server.CreateDatabaseAsync());
        // Nodes have a role without rights to the tables themselves: here the owner of another database.
        var node = new NpgsqlConnectionStringBuilder(await postgres.Server.CreateDatabaseAsync());
        set.All<V1ConfigMap>().Single(map => map.Metadata.Name == "schema-grants").Data["role"] = node.Username!;
        await SchemaJob.RunAsync(set, owner);
        node.Database = owner.Database;

        var cluster = new LocalCluster(set, node.ConnectionString, await KubernetesApi.StartAsync(@namespace: set.Nodes[0].Metadata.NamespaceProperty));
        try
        {
            await Task.WhenAll(cluster.Kinds.SelectMany(kind => Enumerable.Range(0, cluster.Replicas(kind)).Select(i => cluster.CreateAsync(kind, kind.Workload is "StatefulSet" ? $"{kind.Name}-{i}" : RandomName(kind)))));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the gateways' Service: each new connection goes to any pod that is ready, as far as its machine has heard.</summary>
    public SocketsHttpHandler Client() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(Random.Shared.GetItems(_endpoints, 1)[0], cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    /// <summary>Reads the metrics of all pods, as Prometheus does.</summary>
    public async Task<string> ReadMetricsAsync()
    {
        using var http = new HttpClient();
        var pages = await Task.WhenAll(_pods.Values.Select(pod => http.GetStringAsync($"http://{pod.Pod.Address}:{pod.Pod.PortOf("management")}/metrics", TestContext.Current.CancellationToken)));
        return string.Concat(pages);
    }

    /// <summary>Replaces every pod, as the controllers do when what they are made of has changed: all workloads at once, each in its own way.</summary>
    public Task RollAsync() => Task.WhenAll(Kinds.Select(kind => kind.Workload is "StatefulSet" ? RollStatefulSetAsync(kind) : RollDeploymentAsync(kind)));

    /// <summary>The machine of a pod is lost: the pod answers nothing any more, closes no connection, and is taken away.</summary>
    public void Lose(string name)
    {
        lock (_pods)
        {
            _pods[name].Pod.Process.Freeze();
        }

        Api.Delete(name);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _network.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_kubelets.Select(kubelet => kubelet.DisposeAsync().AsTask()));
        await Api.DisposeAsync();
        _end.Dispose();
        Directory.Delete(_tokens, recursive: true);
    }

    private static string RandomName(PodKind kind) => $"{kind.Name}-{Random.Shared.GetHexString(10, lowercase: true)}-{Random.Shared.GetHexString(5, lowercase: true)}";

    private int Replicas(PodKind kind) =>
        _set.All<V1StatefulSet>().SingleOrDefault(workload => workload.Metadata.Name == kind.Name)?.Spec.Replicas
        ?? _set.All<V1Deployment>().Single(workload => workload.Metadata.Name == kind.Name).Spec.Replicas!.Value;

    private TimeSpan LeastReady(PodKind kind) => TimeSpan.FromSeconds(
        _set.All<V1StatefulSet>().SingleOrDefault(workload => workload.Metadata.Name == kind.Name)?.Spec.MinReadySeconds
        ?? _set.All<V1Deployment>().Single(workload => workload.Metadata.Name == kind.Name).Spec.MinReadySeconds
        ?? 0);

    // From the highest ordinal down, one at a time, under the same name.
    private async Task RollStatefulSetAsync(PodKind kind)
    {
        foreach (var ordinal in Enumerable.Range(0, Replicas(kind)).Reverse())
        {
            await EndAsync($"{kind.Name}-{ordinal}");
            await CreateAsync(kind, $"{kind.Name}-{ordinal}");
        }
    }

    // With maxSurge 1 and maxUnavailable 0 a new one comes before an old one goes.
    private async Task RollDeploymentAsync(PodKind kind)
    {
        foreach (var old in Names.Where(name => name.StartsWith(kind.Name + "-", StringComparison.Ordinal)))
        {
            await CreateAsync(kind, RandomName(kind));
            await EndAsync(old);
        }
    }

    private async Task CreateAsync(PodKind kind, string name)
    {
        var pod = new LocalPod(_set, kind.Name, _secrets, name, AccountOf);
        Api.Create(name, pod.Address, [.. pod.Labels.Select(label => (label.Key, label.Value))]);
        var kubelet = new Kubelet(pod);
        lock (_pods)
        {
            _pods[name] = (pod, kubelet);
            _kubelets.Add(kubelet);
        }

        await kubelet.AvailableAsync(LeastReady(kind));
    }

    private async Task EndAsync(string name)
    {
        Api.Terminate(name);
        await _pods[name].Kubelet.TerminateAsync();
        Api.Delete(name);
        lock (_pods)
        {
            _pods.Remove(name);
        }
    }

    // What the account's volume and the variables of the API are to a real pod, which has no settings for them.
    private Dictionary<string, string> AccountOf(string name)
    {
        var token = Path.Combine(_tokens, name);
        File.WriteAllText(token, name);
        return new() { ["Orrery__Kubernetes__Api"] = $"{Api.Address}", ["Orrery__Kubernetes__TokenFile"] = token };
    }

    private async Task RouteAsync()
    {
        var service = _set.All<V1Service>().Single(service => service.Metadata.Name == "gateway");
        using var hears = new PeriodicTimer(NetworkLag);
        while (await hears.WaitForNextTickAsync(_end.Token))
        {
            lock (_pods)
            {
                _endpoints =
                [
                    .. from pod in _pods.Values
                       where pod.Kubelet.IsReady && service.Spec.Selector.All(label => pod.Pod.Labels.Contains(label))
                       select new IPEndPoint(IPAddress.Parse(pod.Pod.Address), pod.Pod.PortOf(service.Spec.Ports.Single().TargetPort.Value)),
                ];
            }
        }
    }
}
