using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>All servers of the comparison, running.</summary>
internal sealed class ServerSet : IDisposable
{
    private readonly List<ServerProcess> _all = [];
    private readonly Observer _observer = new();

    public ServerProcess Gateway => Of("gateway");

    public ServerProcess Worker => Of("worker");

    /// <summary>A gateway with TLS that asks for tokens, and a node to which it goes by mutual TLS.</summary>
    public ServerProcess SecuredGateway => Of("secured-gateway");

    public ServerProcess SecuredWorker => Of("secured-worker");

    /// <summary>What they need, and a token.</summary>
    public Credentials Credentials { get; } = new();

    /// <summary>A gateway and a node whose telemetry somebody takes, all of it, and the same without any.</summary>
    public ServerProcess ObservedGateway => Of("observed-gateway");

    public ServerProcess ObservedWorker => Of("observed-worker");

    public ServerProcess UnobservedGateway => Of("unobserved-gateway");

    public ServerProcess UnobservedWorker => Of("unobserved-worker");

    /// <summary>A gateway whose registry has 1,000 nodes, and the one of them that there is.</summary>
    public ServerProcess CrowdedGateway => Of("crowded-gateway");

    public ServerProcess CrowdedWorker => Of("crowded-worker");

    public ServerProcess Handwritten => Of("handwritten");

    public ServerProcess HandwrittenHttp => Of("handwritten-http");

    public ServerProcess HandwrittenWorker => Of("handwritten-worker");

    public ServerProcess Bare => Of("bare");

    public static async Task<ServerSet> StartAsync(CancellationToken cancellationToken)
    {
        var servers = new ServerSet();
        try
        {
            var seed = LoopbackPort.Free();
            await servers.StartAsync("gateway", [.. Silo(seed, seed), "--node-id", "gateway-1"], cancellationToken);
            await servers.StartAsync("worker", [.. Silo(LoopbackPort.Free(), seed), "--node-id", "worker-1"], cancellationToken);

            seed = LoopbackPort.Free();
            var nodes = servers.Credentials.OfNodes;
            await servers.StartAsync("secured-gateway", [.. Silo(seed, seed), "--node-id", "gateway-1", .. nodes, .. servers.Credentials.OfGateway], cancellationToken, isSecured: true);
            await servers.StartAsync("secured-worker", [.. Silo(LoopbackPort.Free(), seed), "--node-id", "worker-1", .. nodes], cancellationToken);

            await servers.StartPairAsync("observed", await servers._observer.StartAsync(cancellationToken), cancellationToken);
            await servers.StartPairAsync("unobserved", new Dictionary<string, string> { ["OTEL_SDK_DISABLED"] = "true" }, cancellationToken);

            seed = LoopbackPort.Free();
            await servers.StartAsync("crowded-gateway", [.. Silo(seed, seed), "--node-id", "gateway-1"], cancellationToken);
            await servers.StartAsync("crowded-worker", [.. Silo(LoopbackPort.Free(), seed), "--node-id", "worker-1"], cancellationToken);

            seed = LoopbackPort.Free();
            await servers.StartAsync("handwritten", Silo(seed, seed), cancellationToken);

            // The worker keeps the membership, so that the silo with the endpoint finds the grain's host when it joins.
            seed = LoopbackPort.Free();
            await servers.StartAsync("handwritten-worker", Silo(seed, seed), cancellationToken);
            await servers.StartAsync("handwritten-http", Silo(LoopbackPort.Free(), seed), cancellationToken);

            await servers.StartAsync("bare", servers.Credentials.OfBare, cancellationToken, isSecured: true);
            return servers;
        }
        catch
        {
            servers.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _observer.Dispose();
        _all.ForEach(server => server.Dispose());
        Credentials.Dispose();
    }

    private static string[] Silo(int port, int seed) =>
        ["--silo-port", $"{port}", "--client-port", $"{LoopbackPort.Free()}", "--seed", $"127.0.0.1:{seed}"];

    private async Task StartPairAsync(string kind, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var seed = LoopbackPort.Free();
        foreach (var (role, nodeId, port) in new[] { ("gateway", "gateway-1", seed), ("worker", "worker-1", LoopbackPort.Free()) })
        {
            var management = $"http://127.0.0.1:{LoopbackPort.Free()}";
            _observer.Watch(management);
            await StartAsync($"{kind}-{role}", [.. Silo(port, seed), "--node-id", nodeId, "--Orrery:ManagementUrl", management], cancellationToken, environment: environment);
        }
    }

    private async Task StartAsync(string role, string[] arguments, CancellationToken cancellationToken, bool isSecured = false, IReadOnlyDictionary<string, string>? environment = null) =>
        _all.Add(await ServerProcess.StartAsync(role, isSecured, environment, arguments, cancellationToken));

    private ServerProcess Of(string role) => _all.Single(server => server.Role == role);
}
