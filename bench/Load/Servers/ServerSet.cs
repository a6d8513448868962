using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>All servers of the comparison, running.</summary>
internal sealed class ServerSet : IDisposable
{
    private readonly List<ServerProcess> _all = [];

    public ServerProcess Gateway => Of("gateway");

    public ServerProcess Worker => Of("worker");

    /// <summary>A gateway with TLS that asks for tokens, and a node to which it goes by mutual TLS.</summary>
    public ServerProcess SecuredGateway => Of("secured-gateway");

    public ServerProcess SecuredWorker => Of("secured-worker");

    /// <summary>What they need, and a token.</summary>
    public Credentials Credentials { get; } = new();

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
        _all.ForEach(server => server.Dispose());
        Credentials.Dispose();
    }

    private static string[] Silo(int port, int seed) =>
        ["--silo-port", $"{port}", "--client-port", $"{LoopbackPort.Free()}", "--seed", $"127.0.0.1:{seed}"];

    private async Task StartAsync(string role, string[] arguments, CancellationToken cancellationToken, bool isSecured = false) =>
        _all.Add(await ServerProcess.StartAsync(role, isSecured, arguments, cancellationToken));

    private ServerProcess Of(string role) => _all.Single(server => server.Role == role);
}
