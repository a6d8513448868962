using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orrery.Rpc.Invocation;

/// <summary>Counts the calls to one method on one node. Any number of calls count at once, without a lock.</summary>
/// <param name="name">The service and the method.</param>
internal sealed class CallCounter(string name)
{
    private const int CallsToTell = 100;
    private static readonly long GoesOnFor = Stopwatch.Frequency;

    private readonly int[] _buckets = new int[LatencyBuckets.Count];
    private readonly ConcurrentDictionary<int, long> _errors = [];
    private double _usualLatency;
    private long _usualLatencyOf;
    private long _goesOnUntil;

    /// <summary>The service and the method.</summary>
    public string Name => name;

    /// <summary>When the last call ended, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long LastCall { get; private set; }

    /// <summary>The time in which 95 of 100 calls have ended; null before there were enough to tell.</summary>
    public TimeSpan? UsualLatency
    {
        get
        {
            // Read again after each hundred calls or so: it costs more than a call has to spare.
            var calls = CountCalls();
            if (calls - _usualLatencyOf >= CallsToTell)
            {
                _usualLatency = LatencyBuckets.Percentile(Array.ConvertAll(_buckets, static count => (long)(uint)count), 95) ?? 0;
                _usualLatencyOf = calls;
            }

            return _usualLatency > 0 ? TimeSpan.FromMilliseconds(_usualLatency) : null;
        }
    }

    /// <summary>Whether the method, as far as is known, has its result when it returns for the first time.</summary>
    /// <param name="now">From <see cref="Stopwatch.GetTimestamp"/>.</param>
    public bool EndsAtOnce(long now) => now >= Volatile.Read(ref _goesOnUntil);

    /// <summary>Notes that it did not, which holds for a second.</summary>
    public void NoteThatItGoesOn() => Volatile.Write(ref _goesOnUntil, Stopwatch.GetTimestamp() + GoesOnFor);

    /// <summary>Counts a call.</summary>
    /// <param name="started">When it began, from <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="now">When it ended, likewise.</param>
    /// <param name="errorCode">The code of the error that it ended in, or 0.</param>
    public void Count(long started, long now, int errorCode)
    {
        LastCall = now;
        Interlocked.Increment(ref _buckets[LatencyBuckets.Of((now - started) / (Stopwatch.Frequency / 1_000_000))]);
        if (errorCode != 0)
        {
            _errors.AddOrUpdate(errorCode, 1, static (_, count) => count + 1);
        }
    }

    /// <summary>How many calls have ended.</summary>
    public long CountCalls() => _buckets.Sum(static count => (long)(uint)count);

    public CallCounts Read(string service, string method, string nodeId)
    {
        var buckets = Array.ConvertAll(_buckets, static count => (long)(uint)count);
        return new CallCounts(service, method, nodeId, buckets.Sum(), new Dictionary<int, long>(_errors), buckets[..(Array.FindLastIndex(buckets, static count => count > 0) + 1)]);
    }
}
