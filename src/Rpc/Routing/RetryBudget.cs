using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Routing;

/// <summary>
/// Keeps further attempts to a share of the calls. It learns of those from what is counted anyway, and only when somebody
/// asks: a call that succeeds pays nothing for it.
/// </summary>
internal sealed class RetryBudget(Func<long> calls, int percent, TimeProvider time)
{
    // A little is always allowed: a share of nothing would be nothing.
    private const double PerSecond = 10;
    private const double Most = 1_000;
    private static readonly TimeSpan Recount = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private double _left = percent == 0 ? 0 : PerSecond;
    private long _counted;
    private long _countedAt = time.GetTimestamp();

    /// <summary>Takes one further attempt out of the budget; false when there is none left.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            var elapsed = time.GetElapsedTime(_countedAt);
            if (elapsed > Recount)
            {
                var now = calls();
                // What was sent since the last look may be long ago: a minute's worth is enough.
                _left = Math.Min(_left + (percent / 100.0 * Math.Max(0, now - _counted)) + (percent == 0 ? 0 : PerSecond * Math.Min(elapsed.TotalSeconds, 1)), Most);
                (_counted, _countedAt) = (now, time.GetTimestamp());
            }

            if (_left < 1)
            {
                return false;
            }

            _left--;
            return true;
        }
    }
}
