using System.Collections.Concurrent;
using Orrery.Rpc.Hosting;

namespace Orrery.Cluster.Tests.Processes;

/// <summary>The nodes of one cluster, each a process: on ports of its own, or with a database.</summary>
internal sealed class ProcessCluster(string? database = null, string clusterId = "orrery") : IAsyncDisposable
{
    private readonly ConcurrentQueue<NodeProcess> _nodes = [];
    private readonly int _seed = LoopbackPort.Free();

    public int ClientPort { get; } = LoopbackPort.Free();

    public string[] GatewayArguments => database is null
        ? ["--urls", "http://127.0.0.1:0", "--silo-port", $"{_seed}", "--client-port", $"{ClientPort}", .. NodeArguments]
        : ["--urls", "http://127.0.0.1:0", .. NodeArguments];

    public string[] NodeArguments => database is null ? ["--seed", $"127.0.0.1:{_seed}"] : ["--cluster-id", clusterId];

    /// <summary>The environment of the nodes that are started from now on.</summary>
    public Dictionary<string, string> Environment { get; } = database is null
        ? []
        : new() { ["ConnectionStrings__Orrery"] = database, ["Orrery__Database__Migrate"] = "true" };

    public static string HelloServices => Repository.Output("samples/HelloServices");

    public async Task<RpcClient> StartGatewayAsync(params string[] args) => new(await LaunchGateway(args).AnswersAsync());

    public async Task<NodeProcess> StartNodeAsync(params string[] args)
    {
        var node = LaunchNode(args);
        await node.JoinsAsync();
        return node;
    }

    /// <summary>Starts a gateway, and does not wait for it.</summary>
    public NodeProcess LaunchGateway(params string[] args) => Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", [.. GatewayArguments, .. args], Environment));

    /// <summary>Starts a node, and does not wait for it.</summary>
    public NodeProcess LaunchNode(params string[] args) => Add(NodeProcess.Start("src/Silo", "Orrery.Silo", [.. NodeArguments, .. args], Environment));

    public NodeProcess Add(NodeProcess node)
    {
        _nodes.Enqueue(node);
        return node;
    }

    /// <summary>Kills every node.</summary>
    public async Task CrashAsync()
    {
        foreach (var node in _nodes)
        {
            node.Kill();
        }

        foreach (var node in _nodes)
        {
            await node.ExitsAsync();
        }

        _nodes.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
