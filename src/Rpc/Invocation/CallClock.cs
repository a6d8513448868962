namespace Orrery.Rpc.Invocation;

/// <summary>
/// The time by which deadlines are told, the same on all nodes as far as their clocks agree. It goes by the tick count, which is
/// a few milliseconds coarse and costs less than a look at the system's clock; that one sets it once a second.
/// </summary>
internal static class CallClock
{
    private const long LongestUnset = 1_000;

    private static readonly long UnixEpoch = DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMillisecond;

    private static volatile Setting _setting = Setting.At(Environment.TickCount64);

    /// <summary>Now, in milliseconds since 1970.</summary>
    public static long Now
    {
        get
        {
            var count = Environment.TickCount64;
            var setting = _setting;
            if (count - setting.SetAt > LongestUnset)
            {
                _setting = setting = Setting.At(count);
            }

            return count + setting.Offset;
        }
    }

    private sealed record Setting(long SetAt, long Offset)
    {
        public static Setting At(long count) => new(count, (TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond) - UnixEpoch - count);
    }
}
