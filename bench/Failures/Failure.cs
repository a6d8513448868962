using System.Diagnostics;
using Orrery.Shared;

namespace Orrery.Failures;

/// <summary>A way to fail.</summary>
/// <param name="Name">What happens, and what is measured.</param>
/// <param name="MeasureAsync">Makes it happen in a cluster that works, and gives how long it took, in milliseconds.</param>
/// <param name="NeedsPrivateNetwork">Whether it can be provoked in a network of this program's own only.</param>
internal sealed record Failure(string Name, Func<Cluster, Task<double>> MeasureAsync, bool NeedsPrivateNetwork = false)
{
    public static IReadOnlyList<Failure> All { get; } =
    [
        new("killed (SIGKILL), until every other registry knows", cluster => SignalAsync(cluster, "KILL")),
        new("told to stop (SIGTERM), likewise", cluster => SignalAsync(cluster, "TERM")),
        new("hung (SIGSTOP), likewise", cluster => SignalAsync(cluster, "STOP")),
        new("address vanished, likewise", VanishAsync, NeedsPrivateNetwork: true),
        new("all four nodes killed, from their new start until every registry has all four", CrashAsync),
    ];

    private static Task<double> SignalAsync(Cluster cluster, string signal)
    {
        cluster.Victim.Signal(signal);
        return UntilKnownAsync(cluster);
    }

    private static async Task<double> VanishAsync(Cluster cluster)
    {
        await Network.VanishAsync();
        var elapsed = await UntilKnownAsync(cluster);
        await Network.ReturnAsync();
        return elapsed;
    }

    private static async Task<double> CrashAsync(Cluster cluster)
    {
        cluster.EndAll();
        var restarted = Stopwatch.GetTimestamp();
        await cluster.StartAsync();
        return Stopwatch.GetElapsedTime(restarted).TotalMilliseconds;
    }

    private static async Task<double> UntilKnownAsync(Cluster cluster)
    {
        var failed = Stopwatch.GetTimestamp();
        await cluster.FailureIsKnownAsync();
        var elapsed = Stopwatch.GetElapsedTime(failed).TotalMilliseconds;
        cluster.End(Cluster.Failing);
        return elapsed;
    }
}
