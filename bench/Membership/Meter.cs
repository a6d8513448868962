using System.Diagnostics;

namespace Orrery.Membership;

/// <summary>Runs an operation again and again for a while, by one caller or several at once.</summary>
internal static class Meter
{
    public static async Task<Latencies> RunAsync(Operation operation, int callers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(operation, caller, duration, cancellationToken), cancellationToken)));
        return new Latencies([.. latencies.SelectMany(each => each).Order()], Stopwatch.GetElapsedTime(started));
    }

    private static async Task<List<double>> CallAsync(Operation operation, int caller, TimeSpan duration, CancellationToken cancellationToken)
    {
        var latencies = new List<double>();
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            var started = Stopwatch.GetTimestamp();
            await operation.RunAsync(caller, cancellationToken);
            latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (operation.UndoAsync is { } undoAsync)
            {
                await undoAsync(cancellationToken);
            }
        }

        return latencies;
    }
}

/// <summary>How long the calls took, the shortest first, in milliseconds.</summary>
internal sealed record Latencies(double[] Milliseconds, TimeSpan Elapsed)
{
    public double CallsPerSecond => Milliseconds.Length / Elapsed.TotalSeconds;

    /// <summary>The duration that the given part of all calls stays within.</summary>
    public double Within(double part) => Milliseconds[(int)Math.Ceiling(Milliseconds.Length * part) - 1];
}
