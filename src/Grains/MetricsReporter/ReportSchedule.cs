namespace Orrery.Grains.MetricsReporter;

/// <summary>Says when to measure and when to try to deliver. The two go on apart from one another.</summary>
internal sealed class ReportSchedule
{
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(300);

    public static readonly TimeSpan ShortestBackOff = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(60);

    // Nodes that were started together shall not report together.
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Random _random;
    private TimeSpan? _untilFirst;
    private TimeSpan _wanted = ShortestInterval;
    private TimeSpan? _fixed;
    private long _measuredAt;
    private long _failedAt;
    private TimeSpan _backOff;

    public ReportSchedule(TimeProvider time, Random random)
    {
        _time = time;
        _random = random;
        _untilFirst = LongestStart * random.NextDouble();
        _measuredAt = time.GetTimestamp();
    }

    /// <summary>The time between two reports: the one that was fixed, or else what the coordinator wants.</summary>
    public TimeSpan Interval => _fixed ?? _wanted;

    /// <summary>When to measure next.</summary>
    public DateTimeOffset NextReportAt => _time.GetUtcNow() + Later(UntilReport);

    public bool IsReportDue => UntilReport <= TimeSpan.Zero;

    /// <summary>Whether to try to deliver: at once, but for the pause after a failure.</summary>
    public bool IsAttemptDue => _time.GetElapsedTime(_failedAt) >= _backOff;

    /// <summary>The attempts that failed since one succeeded.</summary>
    public int Failures { get; private set; }

    private TimeSpan UntilReport => (_untilFirst ?? Interval) - _time.GetElapsedTime(_measuredAt);

    public void Measured()
    {
        _untilFirst = null;
        _measuredAt = _time.GetTimestamp();
    }

    /// <summary>Takes the coordinator's word for the interval, within its bounds.</summary>
    public void Succeeded(int nextIntervalSeconds)
    {
        _wanted = TimeSpan.FromSeconds(Math.Clamp(nextIntervalSeconds, (int)ShortestInterval.TotalSeconds, (int)LongestInterval.TotalSeconds));
        Answered();
    }

    /// <summary>Notes that the coordinator is there, whatever it said.</summary>
    public void Answered()
    {
        Failures = 0;
        _backOff = TimeSpan.Zero;
    }

    /// <summary>Pauses the attempts for a random time, whose bound doubles with each failure: 2, 4, 8 … 60 seconds.</summary>
    public void Failed()
    {
        Failures++;
        var longest = Math.Min(LongestBackOff.TotalSeconds, ShortestBackOff.TotalSeconds * Math.Pow(2, Failures));
        _backOff = ShortestBackOff + (TimeSpan.FromSeconds(longest) - ShortestBackOff) * _random.NextDouble();
        _failedAt = _time.GetTimestamp();
    }

    /// <summary>Fixes the interval, which must be within the bounds; null leaves it to the coordinator.</summary>
    public void Fix(TimeSpan? interval) => _fixed = interval;

    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
}
