using System.Diagnostics;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;

namespace Orrery.Load;

/// <summary>The whole run: starts the servers, warms them, measures row by row in rounds, and prints the tables.</summary>
internal static class Comparison
{
    private const int LeastWarmUps = 2;

    // Of the time of one processor.
    private const double CompilerOfWarm = 0.01;

    private static readonly TimeSpan LongestJoin = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        foreach (var work in Rows.Works)
        {
            rows.AddRange(await MeasureAsync(work, options, cancellationToken));
        }

        var starts = Starts.Measure(options, cancellationToken);

        Figures.All(rows).Print($"{options.Connections} connections, {options.Seconds} s a row, median of {options.Rounds} rounds:", Console.Out);
        Figures.ByHop(rows).Print("In the process that a call comes to first, and in those behind:", Console.Out);
        Figures.OfStarts(starts).Print($"From the start of the process to the first answer, {options.Starts} times:", Console.Out);
        Goals.Compare(rows, starts).Print("Ratios of the medians:", Console.Out);
    }

    // On servers of its own: they take no processor time from other kinds of calls, and what the runtime learns from calls of one kind
    // shapes how it compiles what the others share.
    private static async Task<Row[]> MeasureAsync(string work, LoadOptions options, CancellationToken cancellationToken)
    {
        using var servers = new ServerSet();
        var rows = Rows.All(servers, options.Connections).Where(row => row.Work == work && IsChosen(row, options)).ToArray();
        await servers.StartAsync([.. rows.SelectMany(row => row.Processes)], cancellationToken);
        foreach (var row in rows)
        {
            await AnswersAsync(row.Drive, cancellationToken);
        }

        await WarmUpAsync(rows, options, cancellationToken);
        for (var round = 1; round <= options.Rounds && rows.Length > 0; round++)
        {
            Console.Error.WriteLine($"round {round} of {options.Rounds}");
            foreach (var row in rows)
            {
                await MeasureAsync(row, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
            }
        }

        return rows;
    }

    // Peers have to be installed first.
    private static bool IsChosen(Row row, LoadOptions options) =>
        row.Work == Rows.Peers ? options.Only.Contains(Rows.Peers, StringComparison.Ordinal) : options.Chooses(row.Name);

    // In turn, until nothing much is compiled any more: what is called first runs instrumented before it is compiled for good, and
    // until then a call costs up to half as much again.
    private static async Task WarmUpAsync(Row[] rows, LoadOptions options, CancellationToken cancellationToken)
    {
        var duration = TimeSpan.FromSeconds(options.WarmUp);
        for (var pass = 1; pass <= options.WarmUps && rows.Length > 0; pass++)
        {
            var cold = new List<Row>();
            foreach (var row in rows)
            {
                var before = await CostsAsync(row, cancellationToken);
                await row.Drive.WarmUpAsync(duration, cancellationToken);
                var after = await CostsAsync(row, cancellationToken);
                var compiler = after.Zip(before, (later, earlier) => (later - earlier).CompilerMicroseconds).Sum() / duration.TotalMicroseconds;
                Console.Error.WriteLine($"warm-up {pass}: {row.Name}, {compiler:P1} of the time compiled");
                if (pass < LeastWarmUps || compiler > CompilerOfWarm)
                {
                    cold.Add(row);
                }
            }

            rows = [.. cold];
        }
    }

    private static async Task MeasureAsync(Row row, TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = await CostsAsync(row, cancellationToken);
        var traffic = await row.Drive.RunAsync(duration, cancellationToken);
        var after = await CostsAsync(row, cancellationToken);
        row.Measurements.Add(Measurement.Of(traffic, after.Zip(before, (later, earlier) => later - earlier)));
    }

    private static Task<Costs[]> CostsAsync(Row row, CancellationToken cancellationToken) =>
        Task.WhenAll(row.Processes.Select(process => process.ReadCostsAsync(cancellationToken)));

    /// <summary>Waits until a call is answered: a server is ready before it knows the node that joined last.</summary>
    public static async Task AnswersAsync(Drive drive, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await drive.TryAsync(cancellationToken);
                return;
            }
            catch (LoadException) when (Stopwatch.GetElapsedTime(started) < LongestJoin)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }
}
