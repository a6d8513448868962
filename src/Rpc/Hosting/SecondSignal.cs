using System.Runtime.InteropServices;

namespace Orrery.Rpc.Hosting;

/// <summary>Ends the process at once when it is told to stop for a second time. The first time is the host's: it drains.</summary>
internal sealed class SecondSignal : IDisposable
{
    // Whoever signals a process, and then all of the group that it is in, means one signal.
    private static readonly TimeSpan OneSignalLasts = TimeSpan.FromMilliseconds(100);

    private PosixSignalRegistration[] _registrations = [];
    private long _first;

    public SecondSignal() => BeToldFirst();

    /// <summary>
    /// Comes before whoever has asked to be told of signals since. The last one to ask is told first, and the host takes its
    /// time over the first signal, which would pass for one with the second.
    /// </summary>
    public void BeToldFirst()
    {
        var earlier = _registrations;
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
        Forget(earlier);
    }

    public void Dispose() => Forget(_registrations);

    private static void Forget(PosixSignalRegistration[] registrations)
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        var now = TimeProvider.System.GetTimestamp();
        var first = Interlocked.CompareExchange(ref _first, now, 0);
        if (first == 0 || TimeProvider.System.GetElapsedTime(first, now) < OneSignalLasts)
        {
            return;
        }

        Console.Error.WriteLine($"Told to stop again ({context.Signal}): ends at once.");
        Environment.Exit(128 + Number(context.Signal));
    }

    // A shell gives a program that a signal ended the exit code 128 and the signal's number.
    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };
}
