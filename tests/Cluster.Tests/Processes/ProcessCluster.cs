using Orrery.Rpc.Hosting;

namespace Orrery.Cluster.Tests.Processes;

/// <summary>The nodes of one cluster on ports of its own, each a process.</summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    private readonly List<NodeProcess> _nodes = [];
    private readonly int _seed = LoopbackPort.Free();

    public int ClientPort { get; } = LoopbackPort.Free();

    public string[] GatewayArguments => ["--urls", "http://127.0.0.1:0", "--silo-port", $"{_seed}", "--client-port", $"{ClientPort}", "--seed", $"127.0.0.1:{_seed}"];

    public string[] NodeArguments => ["--seed", $"127.0.0.1:{_seed}"];

    public static string HelloServices => Repository.Output("samples/HelloServices");

    public async Task<RpcClient> StartGatewayAsync(params string[] args)
    {
        var node = Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", [.. GatewayArguments, .. args]));
        return new RpcClient(await node.AnswersAsync());
    }

    public async Task<NodeProcess> StartNodeAsync(params string[] args)
    {
        var node = Add(NodeProcess.Start("src/Silo", "Orrery.Silo", [.. NodeArguments, .. args]));
        await node.JoinsAsync();
        return node;
    }

    public NodeProcess Add(NodeProcess node)
    {
        _nodes.Add(node);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
