using System.Collections.Concurrent;
using System.Net;

namespace Orrery.Rpc.Security;

/// <summary>Notes who was not let in, and why. Each is counted; of those that come again and again, the log has one in a while.</summary>
/// <param name="plane">Where, as <see cref="Refusals"/> counts it.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Writes the line, of an address and a reason.</param>
internal sealed class RefusedPeers(string plane, TimeProvider time, Action<IPAddress, string> log)
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
        Refusals.Count(plane, reason);
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
        log(key.Item1, reason);
    }
}
