using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>Holds the start back until the seed can be reached, and says so: Orleans itself would give up with a stack trace.</summary>
internal sealed partial class SeedWait(IOptions<NodeOptions> options, TimeProvider time, ILogger<SeedWait> logger) : IHostedService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

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
                LogWaiting(options.Value.NodeId!, options.Value.Seed);
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(options.Value.Seed, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{NodeId} waits for the seed node at {Seed}. Start a gateway, or name another seed with Orrery:Seed (--seed)")]
    private partial void LogWaiting(string nodeId, System.Net.IPEndPoint seed);
}
