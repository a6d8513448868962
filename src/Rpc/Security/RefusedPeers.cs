using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Orrery.Rpc.Security;

/// <summary>Notes who was not let in, and why. Each is counted; of those that come again and again, the log has one in a while.</summary>
internal sealed partial class RefusedPeers(TimeProvider time, ILogger logger)
{
    private const int MostKnown = 1_000;

    // Who connects and leaves is a health check, or another node's look whether this one lives.
    private const string Harmless = "left";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(IPAddress, string), long> _logged = [];

    /// <summary>Notes one.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="reason">Why, as a stable word.</param>
    public void Note(IPAddress? address, string reason)
    {
        Refusals.Count("node_connection", reason);
        var now = time.GetTimestamp();
        var key = (address ?? IPAddress.None, reason);
        if (reason == Harmless || (_logged.TryGetValue(key, out var last) && time.GetElapsedTime(last, now) < Interval))
        {
            return;
        }

        if (_logged.Count >= MostKnown)
        {
            _logged.Clear();
        }

        _logged[key] = now;
        LogRefused(key.Item1, reason);
    }

    [LoggerMessage(LogLevel.Warning, "The connection with {Address} is refused: {Reason}. It is between nodes, and each needs a certificate of the cluster's authority (Orrery:NodeTls)")]
    private partial void LogRefused(IPAddress address, string reason);
}
