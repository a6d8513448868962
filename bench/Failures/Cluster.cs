using System.Net.Http.Json;
using System.Text.Json;
using Orrery.Rpc.Hosting;
using Orrery.Shared;

namespace Orrery.Failures;

/// <summary>A gateway and three workers, of which the first one fails.</summary>
internal sealed class Cluster(string database) : IAsyncDisposable
{
    public const string Failing = "worker-1";

    private static readonly string[] Others = ["gateway-1", "worker-2", "worker-3"];
    private static readonly Dictionary<string, string> NoSettings = [];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private readonly Dictionary<string, Node> _nodes = [];
    private int _port;

    public Node Victim => _nodes[Failing];

    /// <summary>Starts what does not run, and waits until every node knows every other one.</summary>
    public async Task StartAsync()
    {
        foreach (var id in Others.Append(Failing).Where(id => !_nodes.ContainsKey(id)))
        {
            _port = id == "gateway-1" ? LoopbackPort.Free() : _port;
            _nodes[id] = id == "gateway-1"
                ? new Node(id, "Gateway", database, false, NoSettings, "--role", "gateway", "--urls", $"http://127.0.0.1:{_port}")
                : new Node(id, "Silo", database, id == Failing && Network.IsPrivate, NoSettings, "--role", "worker");
        }

        await Task.WhenAll(_nodes.Values.Select(node => node.JoinedAsync));
        foreach (var id in _nodes.Keys)
        {
            while ((await AliveAsync(id)).Count < _nodes.Count)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>Waits until none of the others has the failing node as alive.</summary>
    public async Task FailureIsKnownAsync()
    {
        foreach (var id in Others)
        {
            while ((await AliveAsync(id)).Contains(Failing))
            {
                await Task.Delay(1);
            }
        }
    }

    public void End(string id)
    {
        _nodes[id].Dispose();
        _nodes.Remove(id);
    }

    public void EndAll()
    {
        foreach (var node in _nodes.Values)
        {
            node.Signal("KILL");
        }

        foreach (var id in _nodes.Keys)
        {
            End(id);
        }
    }

    public ValueTask DisposeAsync()
    {
        EndAll();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<HashSet<string>> AliveAsync(string observer)
    {
        using var response = await _http.PostAsJsonAsync($"http://127.0.0.1:{_port}/rpc", new { jsonrpc = "2.0", method = $"registry/{observer}/list_nodes", id = 1 });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("result", out var nodes)
            ? [.. nodes.EnumerateArray().Where(node => node.GetProperty("status").GetString() == "alive").Select(node => node.GetProperty("node_id").GetString()!)]
            : throw new InvalidOperationException(answer.GetRawText());
    }
}
