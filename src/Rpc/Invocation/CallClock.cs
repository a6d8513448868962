using System.Diagnostics;

namespace Orrery.Rpc.Invocation;

/// <summary>
/// The time by which deadlines are told, the same on all nodes as far as their clocks agree. Read from the time stamps that calls
/// are measured by anyway, and set by the system's clock once a second.
/// </summary>
internal static class CallClock
{
    private static readonly long UnixEpoch = DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMillisecond;

    private static volatile Setting _setting = Setting.Now();

    /// <summary>Now, in milliseconds since 1970.</summary>
    public static long Now => At(Stopwatch.GetTimestamp());

    /// <summary>The same for a time stamp that was just taken.</summary>
    /// <param name="timestamp">From <see cref="Stopwatch.GetTimestamp"/>.</param>
    public static long At(long timestamp)
    {
        var setting = _setting;
        var passed = timestamp - setting.Timestamp;
        if (passed > Stopwatch.Frequency)
        {
            _setting = setting = Setting.Now();
            passed = timestamp - setting.Timestamp;
        }

        return (setting.Ticks + (passed / (Stopwatch.Frequency / TimeSpan.TicksPerSecond))) / TimeSpan.TicksPerMillisecond - UnixEpoch;
    }

    private sealed record Setting(long Timestamp, long Ticks)
    {
        public static Setting Now() => new(Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow().Ticks);
    }
}
