using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>All servers of the comparison. Those run that are needed.</summary>
internal sealed class ServerSet : IDisposable
{
    public const string WorkerId = "worker-1";
    public const string WorkerRole = "worker";

    private static readonly string[] AsGateway = ["--node-id", "gateway-1"];
    private static readonly string[] AsWorker = ["--node-id", WorkerId];

    // For each worker of the scaled cluster, so that a role is one, two or all four of them.
    private static readonly string[] RolesOfScaled = ["one,two,four", "two,four", "four", "four"];

    private static string Python => Environment.GetEnvironmentVariable("PYTHON") ?? "python3";

    private static readonly string Peers = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../peers"));

    private readonly List<ServerProcess> _all = [];
    private readonly Observer _observer = new();

    public ServerSet()
    {
        var seed = LoopbackPort.Free();
        Gateway = Add("gateway", [.. Silo(seed, seed), .. AsGateway]);
        Worker = Add("worker", [.. Silo(LoopbackPort.Free(), seed), .. AsWorker]);

        seed = LoopbackPort.Free();
        SecuredGateway = Add("gateway", [.. Silo(seed, seed), .. AsGateway, .. Credentials.OfNodes, .. Credentials.OfGateway], isSecured: true);
        SecuredWorker = Add("worker", [.. Silo(LoopbackPort.Free(), seed), .. AsWorker, .. Credentials.OfNodes]);

        seed = LoopbackPort.Free();
        ScaledGateway = Add("gateway", [.. Silo(seed, seed), .. AsGateway]);
        ScaledWorkers = [.. RolesOfScaled.Select((roles, i) => Add("worker", [.. Silo(LoopbackPort.Free(), seed), "--node-id", $"worker-{i + 1}", "--Orrery:Roles", roles]))];

        (ObservedGateway, ObservedWorker) = AddWatched(_observer.Environment);
        (UnobservedGateway, UnobservedWorker) = AddWatched(new Dictionary<string, string> { ["OTEL_SDK_DISABLED"] = "true" });

        seed = LoopbackPort.Free();
        CrowdedGateway = Add("crowded-gateway", [.. Silo(seed, seed), .. AsGateway]);
        CrowdedWorker = Add("worker", [.. Silo(LoopbackPort.Free(), seed), .. AsWorker]);

        seed = LoopbackPort.Free();
        Handwritten = Add("handwritten", Silo(seed, seed));

        // The worker keeps the membership, so that the silo with the endpoint finds the grain's host when it joins.
        seed = LoopbackPort.Free();
        HandwrittenWorker = Add("handwritten-worker", Silo(seed, seed));
        HandwrittenHttp = Add("handwritten-http", Silo(LoopbackPort.Free(), seed));

        var (own, other) = (LoopbackPort.Free(), LoopbackPort.Free());
        MoleculerWorker = Add(ServerProcess.Other("Moleculer worker", _ => ["node", $"{Peers}/moleculer/node.js", "worker", "-", $"{other}", $"{own}"]));
        MoleculerGateway = Add(ServerProcess.Other("Moleculer gateway", port => ["node", $"{Peers}/moleculer/node.js", "gateway", $"{port}", $"{own}", $"{other}"]));
        PythonWorker = Add(ServerProcess.Other("Python worker", port => [Python, $"{Peers}/python/node.py", WorkerId, $"{port}"]));
        PythonGateway = Add(ServerProcess.Other("Python gateway", port => [Python, $"{Peers}/python/node.py", "gateway-1", $"{port}", $"{WorkerId}={PythonWorker.Port}"]));

        Bare = Add("bare", Credentials.OfBare, isSecured: true);
    }

    /// <summary>What the secured ones need, and a token.</summary>
    public Credentials Credentials { get; } = new();

    public ServerProcess Gateway { get; }

    public ServerProcess Worker { get; }

    /// <summary>A gateway with TLS that asks for tokens, and a node to which it goes by mutual TLS.</summary>
    public ServerProcess SecuredGateway { get; }

    public ServerProcess SecuredWorker { get; }

    /// <summary>A gateway and four workers, of which the first has the role <c>one</c>, the first two <c>two</c>, and each <c>four</c>.</summary>
    public ServerProcess ScaledGateway { get; }

    public IReadOnlyList<ServerProcess> ScaledWorkers { get; }

    /// <summary>A gateway and a node whose telemetry somebody takes, all of it, and the same without any.</summary>
    public ServerProcess ObservedGateway { get; }

    public ServerProcess ObservedWorker { get; }

    public ServerProcess UnobservedGateway { get; }

    public ServerProcess UnobservedWorker { get; }

    /// <summary>A gateway whose registry has 1,000 nodes, and the one of them that there is.</summary>
    public ServerProcess CrowdedGateway { get; }

    public ServerProcess CrowdedWorker { get; }

    public ServerProcess Handwritten { get; }

    public ServerProcess HandwrittenHttp { get; }

    public ServerProcess HandwrittenWorker { get; }

    public ServerProcess Bare { get; }

    /// <summary>Two nodes of Moleculer, and two of the design that Orrery started from.</summary>
    public ServerProcess MoleculerGateway { get; }

    public ServerProcess MoleculerWorker { get; }

    public ServerProcess PythonGateway { get; }

    public ServerProcess PythonWorker { get; }

    /// <summary>The arguments of a silo: its port, and that of the one that keeps the membership.</summary>
    public static string[] Silo(int port, int seed) =>
        ["--silo-port", $"{port}", "--client-port", $"{LoopbackPort.Free()}", "--seed", $"127.0.0.1:{seed}"];

    /// <summary>Starts those of the servers that are needed: any other would take its part of the processors.</summary>
    public async Task StartAsync(IReadOnlyCollection<ServerProcess> needed, CancellationToken cancellationToken)
    {
        if (needed.Contains(ObservedGateway) || needed.Contains(UnobservedGateway))
        {
            await _observer.StartAsync(cancellationToken);
        }

        foreach (var server in _all.Where(needed.Contains))
        {
            await server.StartAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _observer.Dispose();
        _all.ForEach(server => server.Dispose());
        Credentials.Dispose();
    }

    private (ServerProcess Gateway, ServerProcess Worker) AddWatched(IReadOnlyDictionary<string, string> environment)
    {
        var seed = LoopbackPort.Free();
        return (
            Add("gateway", [.. Silo(seed, seed), .. AsGateway, .. Watched()], environment: environment),
            Add("worker", [.. Silo(LoopbackPort.Free(), seed), .. AsWorker, .. Watched()], environment: environment));
    }

    private string[] Watched()
    {
        var management = $"http://127.0.0.1:{LoopbackPort.Free()}";
        _observer.Watch(management);
        return ["--Orrery:ManagementUrl", management];
    }

    private ServerProcess Add(string role, IEnumerable<string> arguments, bool isSecured = false, IReadOnlyDictionary<string, string>? environment = null) =>
        Add(ServerProcess.Own(role, arguments, isSecured, environment));

    private ServerProcess Add(ServerProcess server)
    {
        _all.Add(server);
        return server;
    }
}
