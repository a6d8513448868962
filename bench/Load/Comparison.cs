using System.Diagnostics;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;

namespace Orrery.Load;

/// <summary>The whole run: starts the servers, warms them, measures row by row in rounds, and prints the tables.</summary>
internal static class Comparison
{
    private static readonly TimeSpan LongestJoin = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        // One cluster after the other, so that none takes processor time from the rows that it has no part in.
        Row[] rows =
        [
            .. await MeasureAsync(Rows.Calls, options, cancellationToken),
            .. await MeasureAsync(Rows.Scaling, options, cancellationToken),
            // They have to be installed first.
            .. options.Only.Contains(Rows.Peers, StringComparison.Ordinal) ? await MeasureAsync(Rows.OfPeers, options, cancellationToken) : [],
        ];
        var starts = Starts.Measure(options, cancellationToken);

        Figures.All(rows).Print($"{options.Connections} connections, {options.Seconds} s a row, median of {options.Rounds} rounds:", Console.Out);
        Figures.ByHop(rows).Print("In the process that a call comes to first, and in those behind:", Console.Out);
        Figures.OfStarts(starts).Print($"From the start of the process to the first answer, {options.Starts} times:", Console.Out);
        Goals.Compare(rows, starts).Print("Ratios of the medians:", Console.Out);
    }

    private static async Task<Row[]> MeasureAsync(Func<ServerSet, int, IReadOnlyList<Row>> all, LoadOptions options, CancellationToken cancellationToken)
    {
        using var servers = new ServerSet();
        var rows = all(servers, options.Connections).Where(row => options.Chooses(row.Name)).ToArray();
        await servers.StartAsync([.. rows.SelectMany(row => row.Processes)], cancellationToken);
        foreach (var row in rows)
        {
            await AnswersAsync(row.Drive, cancellationToken);
        }

        foreach (var row in rows.Concat(rows))
        {
            Console.Error.WriteLine($"warm-up: {row.Name}");
            await row.Drive.WarmUpAsync(TimeSpan.FromSeconds(options.WarmUp), cancellationToken);
        }

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
