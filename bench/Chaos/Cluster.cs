using Orrery.Chaos.Calls;
using Orrery.Rpc.Hosting;
using Orrery.Shared;
using Orrery.Tests;

namespace Orrery.Chaos;

/// <summary>One or two gateways, a coordinator and three workers, each a process, and their database.</summary>
internal sealed class Cluster : IDisposable
{
    /// <summary>How long the calls of the load may take, as their callers say.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public static readonly IReadOnlyList<string> Workers = ["worker-1", "worker-2", "worker-3"];

    private static readonly Dictionary<string, string> NoSettings = [];

    private readonly Dictionary<string, Node> _nodes = [];
    private readonly Dictionary<string, int> _ports;
    private readonly string _connection;
    private readonly Scenario _scenario;

    private Cluster(PostgresServer database, string connection, Scenario scenario)
    {
        Database = database;
        _connection = connection;
        _scenario = scenario;
        // A gateway that comes back is where it was.
        _ports = Enumerable.Range(1, scenario.Gateways).ToDictionary(number => $"gateway-{number}", _ => LoopbackPort.Free());
        Caller = CreateCaller(Deadline);
    }

    public PostgresServer Database { get; }

    public Caller Caller { get; }

    public IReadOnlyList<string> Ids => [.. _ports.Keys, "coordinator-1", .. Workers];

    /// <summary>Starts a cluster of which the scenario's oldest node is the oldest.</summary>
    public static async Task<Cluster> StartAsync(PostgresServer database, Scenario scenario, CancellationToken cancellationToken)
    {
        var cluster = new Cluster(database, await database.CreateDatabaseAsync(), scenario);
        try
        {
            cluster.Launch(scenario.Oldest);
            await cluster._nodes[scenario.Oldest].JoinedAsync.WaitAsync(cancellationToken);
            await cluster.StartAsync([.. cluster.Ids.Where(id => id != scenario.Oldest)], cancellationToken);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    public Caller CreateCaller(TimeSpan deadline) => new([.. _ports.Values.Select(port => new Uri($"http://127.0.0.1:{port}/rpc"))], deadline);

    public void Signal(string id, string signal) => _nodes[id].Signal(signal);

    /// <summary>Kills nodes, all at once.</summary>
    public void Kill(params IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            _nodes[id].Signal("KILL");
        }

        foreach (var id in ids)
        {
            Forget(id);
        }
    }

    /// <summary>Tells a node to stop, and waits until it has.</summary>
    /// <exception cref="InvalidOperationException">Its exit code is not 0.</exception>
    public async Task StopAsync(string id, CancellationToken cancellationToken)
    {
        Signal(id, "TERM");
        var code = await _nodes[id].ExitsAsync(cancellationToken);
        Forget(id);
        if (code != 0)
        {
            throw new InvalidOperationException($"{id} was told to stop, and ended with exit code {code}.");
        }
    }

    /// <summary>Waits until a node has ended by itself.</summary>
    public async Task EndsAsync(string id, CancellationToken cancellationToken)
    {
        await _nodes[id].ExitsAsync(cancellationToken);
        Forget(id);
    }

    /// <summary>Starts nodes under their ids, and waits until every node knows every other one.</summary>
    public async Task StartAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            Launch(id);
        }

        await Task.WhenAll(ids.Select(id => _nodes[id].JoinedAsync)).WaitAsync(cancellationToken);
        foreach (var id in Ids)
        {
            await Caller.ResultAsync($"registry/{id}/list_nodes", new { status = "alive" }, nodes => nodes.GetArrayLength() == Ids.Count, cancellationToken);
        }
    }

    /// <summary>Waits until no node has this one as alive.</summary>
    public async Task IsGivenUpAsync(string id, CancellationToken cancellationToken)
    {
        foreach (var other in Ids.Where(other => other != id))
        {
            await Caller.ResultAsync($"registry/{other}/list_nodes", new { status = "alive" }, nodes => nodes.GetArrayLength() < Ids.Count, cancellationToken);
        }
    }

    public void Dispose()
    {
        Kill([.. _nodes.Keys]);
        Caller.Dispose();
    }

    private void Launch(string id)
    {
        var role = id[..id.LastIndexOf('-')];
        var settings = id == Workers[0] ? _scenario.FirstWorker : NoSettings;
        _nodes[id] = role == "gateway"
            ? new Node(id, "Gateway", _connection, false, settings, "--role", role, "--urls", $"http://127.0.0.1:{_ports[id]}")
            : new Node(id, "Silo", _connection, id == Workers[0] && Network.IsPrivate, settings, "--role", role, "--services", Node.Output("bench", "ChaosServices"));
    }

    private void Forget(string id)
    {
        _nodes[id].Dispose();
        _nodes.Remove(id);
    }
}
