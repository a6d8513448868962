namespace Orrery.Rpc.Invocation;

/// <summary>The time by which deadlines are told, the same on all nodes as far as their clocks agree.</summary>
internal static class CallClock
{
    /// <summary>Now, in milliseconds since 1970.</summary>
    public static long Now => TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond - UnixEpoch;

    private static readonly long UnixEpoch = DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMillisecond;
}
