using Microsoft.Extensions.Logging;

namespace Orrery.Rpc.Hosting;

/// <summary>Lets a client program wait for its cluster, and say so, where Orleans would end it with a stack trace.</summary>
internal sealed partial class ClusterWait(TimeProvider time, ILogger<ClusterWait> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private int _attempts;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_attempts++ % 20 == 2)
        {
            LogWaiting();
        }

        await Task.Delay(Interval, time, cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "No node of the cluster can be reached. Start one, or name others with Orrery:Nodes (Orrery__Nodes)")]
    private partial void LogWaiting();
}
