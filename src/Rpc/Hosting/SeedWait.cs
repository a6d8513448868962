using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// Holds the start back until the seed can be reached, and says what it waits for: Orleans itself would give up with a
/// stack trace, or, where the seed is of another cluster, try for ever in silence.
/// </summary>
internal sealed partial class SeedWait(IOptions<NodeOptions> options, TimeProvider time, ILogger<SeedWait> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan ConnectInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(10);

    private ITimer? _joining;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsSeed)
        {
            return;
        }

        for (var attempt = 0; !await AnswersAsync(cancellationToken); attempt++)
        {
            if (attempt % 50 == 5)
            {
                LogWaiting(options.Value.NodeId!, options.Value.Seed!);
            }

            await Task.Delay(ConnectInterval, time, cancellationToken);
        }

        _joining = time.CreateTimer(_ => LogNotJoined(options.Value.NodeId!, options.Value.Seed!, options.Value.ClusterId), null, JoinPatience, JoinPatience);
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _joining?.Dispose();

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(options.Value.Seed!, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{NodeId} waits for the seed node at {Seed}. Start a gateway, or name another seed with Orrery:Seed (--seed)")]
    private partial void LogWaiting(string nodeId, IPEndPoint seed);

    [LoggerMessage(LogLevel.Warning, "{NodeId} reaches the seed node at {Seed} and is not let in. Is it a node of the cluster '{ClusterId}'? Name the seed's with Orrery:ClusterId (--cluster-id)")]
    private partial void LogNotJoined(string nodeId, IPEndPoint seed, string clusterId);
}
