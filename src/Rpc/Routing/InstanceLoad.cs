using System.Diagnostics;

namespace Orrery.Rpc.Routing;

/// <summary>
/// How loaded a service on a node is, as this process sees it from its own calls. Read and written by any number of calls
/// at once, without a lock: a reading may be off by a call, which costs nothing but a slightly worse choice.
/// </summary>
internal sealed class InstanceLoad
{
    // How fast a latency is forgotten: a node that was slow is tried again, and one more call tells.
    private static readonly double HalfLife = 5.0 * Stopwatch.Frequency;
    private static readonly long LeastSilence = Stopwatch.Frequency;
    private const int UsualLatenciesOfSilence = 20;
    private const double LeastWeight = 1.0 / 16;

    private int _inFlight;
    private double _latency;
    private long _measured;
    private long _lastSign;
    private long _fullUntil;

    private long UnusualSilence => Math.Max(LeastSilence, (long)(UsualLatenciesOfSilence * Volatile.Read(ref _latency)));

    /// <summary>The calls that were sent there and are not answered yet.</summary>
    public int CallsInFlight => Volatile.Read(ref _inFlight);

    /// <summary>Begins a call.</summary>
    /// <param name="now">From <see cref="Stopwatch.GetTimestamp"/>, as everywhere here.</param>
    public void Begin(long now)
    {
        if (Interlocked.Increment(ref _inFlight) == 1)
        {
            Volatile.Write(ref _lastSign, now);
        }
    }

    /// <summary>Ends a call that the node answered, or that it failed to answer: both tell how long one waits there.</summary>
    public void End(long started, long now, RpcError? error)
    {
        Interlocked.Decrement(ref _inFlight);
        if (error is { Code: (int)RpcErrorCode.Overloaded, RetryAfterMs: { } retryAfter })
        {
            // A refusal is quick, and must not look like a quick node.
            Volatile.Write(ref _fullUntil, now + (retryAfter * Stopwatch.Frequency / 1000));
        }
        else if (error is not { Executed: Executed.No } && (error is not { Executed: Executed.Maybe } || now - started > Volatile.Read(ref _latency)))
        {
            // A call that was given up took at least this long.
            Measure(now - started, now);
        }

        if (error is not { Executed: Executed.Maybe })
        {
            Volatile.Write(ref _lastSign, now);
        }
    }

    /// <summary>Whether to pass it by while there is another: it said that it is full, or it has left calls unanswered for unusually long.</summary>
    public bool IsToBeAvoided(long now)
    {
        if (now < Volatile.Read(ref _fullUntil))
        {
            return true;
        }

        return CallsInFlight > 0 && now - Volatile.Read(ref _lastSign) > UnusualSilence;
    }

    /// <summary>For how long a call is waited for before another node is asked too, if it may be: a second, or longer where calls are slow.</summary>
    public TimeSpan Patience => Stopwatch.GetElapsedTime(0, UnusualSilence);

    /// <summary>What another call there costs: the calls in flight, weighted by how long one has taken lately; 0 when that is not known.</summary>
    public double Latency(long now) => Volatile.Read(ref _latency) is var latency and > 0 ? latency * Math.Pow(2, (Volatile.Read(ref _measured) - now) / HalfLife) : 0;

    // The longer ago the last measurement, the more this one counts: at least a sixteenth, so that many calls at once tell what
    // few would. Of measurements that follow one another fast none counts for more, so nothing is computed for them.
    private void Measure(long latency, long now)
    {
        var known = Volatile.Read(ref _latency);
        var halfLives = (now - Volatile.Read(ref _measured)) / HalfLife;
        var weight = known <= 0 ? 1
            : halfLives <= LeastWeight ? LeastWeight
            : Math.Max(1 - Math.Pow(2, -halfLives), LeastWeight);
        Volatile.Write(ref _latency, known + ((latency - known) * weight));
        Volatile.Write(ref _measured, now);
    }
}
