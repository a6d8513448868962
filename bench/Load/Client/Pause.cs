using System.Runtime.InteropServices;

namespace Orrery.Load.Client;

/// <summary>Waits, to about ten microseconds and without using a processor. For Linux and macOS.</summary>
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

    /// <summary>Waits for about as long.</summary>
    public static void For(TimeSpan duration) => _ = Sleep(Exactly(duration), 0);

    /// <summary>A duration as the operating system takes it; none for one that is over.</summary>
    public static Duration Exactly(TimeSpan duration) => duration < TimeSpan.Zero
        ? default
        : new Duration((nint)duration.TotalSeconds, (nint)(duration.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick));

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in Duration duration, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    /// <summary>What POSIX calls a timespec.</summary>
    internal readonly record struct Duration(nint Seconds, nint Nanoseconds);
}
