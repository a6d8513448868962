using System.Diagnostics;
using System.Globalization;
using Orrery.Load.Client;

namespace Orrery.Load.Servers;

/// <summary>Load that a server makes itself, by loops that each await their call: what a call costs without HTTP before it.</summary>
internal static class InsideLoad
{
    private const string Path = "/inside";

    /// <summary>Lets the server make calls.</summary>
    /// <param name="app">The server.</param>
    /// <param name="kinds">Makes, by its name, a kind of call that is repeated, and gives the number that came back.</param>
    public static void MapInsideLoad(this WebApplication app, IReadOnlyDictionary<string, Func<Func<ValueTask<long>>>> kinds) =>
        app.MapPost(Path, (string kind, int loops, double seconds, CancellationToken cancellationToken) => RunAsync(kinds[kind](), loops, TimeSpan.FromSeconds(seconds), cancellationToken));

    /// <summary>Lets a server make calls and tell how it went.</summary>
    public static async Task<Traffic> RunAsync(ServerProcess server, string kind, int loops, TimeSpan duration, CancellationToken cancellationToken) =>
        await server.PostAsync<Traffic>(string.Create(CultureInfo.InvariantCulture, $"{Path}?kind={kind}&loops={loops}&seconds={duration.TotalSeconds}"), cancellationToken);

    private static async Task<Traffic> RunAsync(Func<ValueTask<long>> call, int loops, TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var ended = await Task.WhenAll(Enumerable.Range(0, loops).Select(_ => Task.Run(() => LoopAsync(call, end, cancellationToken), cancellationToken)));
        var elapsed = Stopwatch.GetElapsedTime(started);

        var latencies = new Histogram();
        Array.ForEach(ended, latencies.Add);
        return new Traffic(latencies.Count, elapsed, latencies.Microseconds(0.50), latencies.Microseconds(0.99));
    }

    private static async Task<Histogram> LoopAsync(Func<ValueTask<long>> call, long end, CancellationToken cancellationToken)
    {
        var latencies = new Histogram();
        var now = Stopwatch.GetTimestamp();
        do
        {
            if (await call() != Exchange.N + 1)
            {
                throw new LoadException("An answer inside the cluster is wrong.");
            }

            var answered = Stopwatch.GetTimestamp();
            latencies.Add(Stopwatch.GetElapsedTime(now, answered).Ticks * TimeSpan.NanosecondsPerTick);
            now = answered;
        }
        while (now < end && !cancellationToken.IsCancellationRequested);
        return latencies;
    }
}
