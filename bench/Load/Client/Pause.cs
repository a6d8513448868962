using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orrery.Load.Client;

/// <summary>Waits for a point in time, to about ten microseconds and without using a processor. For Linux and macOS.</summary>
internal static partial class Pause
{
    private const int SetTimerSlack = 29;

    /// <summary>Makes the pauses of this thread exact: Linux adds 50 µs to each, so that it wakes less often.</summary>
    public static void BeExact()
    {
        if (OperatingSystem.IsLinux() && Control(SetTimerSlack, 1, 0, 0, 0) != 0)
        {
            throw new LoadException("The timers of a thread can't be made exact.");
        }
    }

    /// <param name="timestamp">A timestamp of <see cref="Stopwatch"/>.</param>
    public static void Until(long timestamp)
    {
        TimeSpan remaining;
        while ((remaining = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp)) > TimeSpan.Zero)
        {
            // Again when a signal ended it.
            For(remaining);
        }
    }

    /// <summary>Waits for about as long.</summary>
    public static void For(TimeSpan duration) =>
        _ = Sleep(new Duration((nint)duration.TotalSeconds, (nint)(duration.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick)), 0);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in Duration duration, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    private readonly record struct Duration(nint Seconds, nint Nanoseconds);
}
