using System.Collections.Concurrent;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Kubernetes;

/// <summary>Nodes that are processes, and the pods that Kubernetes would run them in: with a name and an address of their own.</summary>
internal sealed class PodCluster : IAsyncDisposable
{
    public static readonly (string Name, string Value) Label = ("app.kubernetes.io/part-of", "orrery");

    private readonly string _folder = Directory.CreateTempSubdirectory("orrery-tokens-").FullName;
    private readonly ConcurrentDictionary<string, NodeProcess> _nodes = [];
    private readonly ProcessCluster _processes;

    private PodCluster(KubernetesApi api, string database)
    {
        Api = api;
        _processes = new(database);
    }

    public KubernetesApi Api { get; }

    public NodeProcess this[string name] => _nodes[name];

    public static async Task<PodCluster> StartAsync(SharedPostgres postgres) => new(await KubernetesApi.StartAsync(), await postgres.Server.CreateDatabaseAsync());

    /// <summary>Runs a gateway in a pod that is made for it, or in the one there is.</summary>
    public async Task<RpcClient> StartGatewayAsync(string name, string address)
    {
        Create(name, address);
        _nodes[name] = _processes.LaunchGateway([.. await ArgumentsAsync(name, address), "--role", "gateway"]);
        return new RpcClient(await _nodes[name].AnswersAsync());
    }

    /// <summary>Runs a worker in a pod that is made for it.</summary>
    public async Task StartWorkerAsync(string name, string address)
    {
        Create(name, address);
        await JoinAsync(name, address);
    }

    /// <summary>Runs a worker, whatever pods there are.</summary>
    public async Task JoinAsync(string name, string address)
    {
        _nodes[name] = _processes.LaunchNode([.. await ArgumentsAsync(name, address), "--role", "worker"]);
        await _nodes[name].JoinsAsync();
    }

    /// <summary>Waits until one of the nodes has said so in its log.</summary>
    public Task OneSaysAsync(string text, params string[] names) =>
        Task.WhenAny(names.Select(name => _nodes[name].SeesAsync(new(System.Text.RegularExpressions.Regex.Escape(text))))).Unwrap();

    public bool NobodySays(string text) => _nodes.Values.All(node => !node.Output.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _processes.DisposeAsync();
        await Api.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Create(string name, string address) => Api.Create(name, address, Label);

    private async Task<string[]> ArgumentsAsync(string name, string address)
    {
        var token = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(token, name + "\n", TestContext.Current.CancellationToken);
        return
        [
            "--node-id", name, "--address", address,
            "--Orrery:Kubernetes:Namespace", KubernetesApi.Namespace, "--Orrery:Kubernetes:Api", $"{Api.Address}", "--Orrery:Kubernetes:TokenFile", token,
        ];
    }
}
