using System.Diagnostics;
using Orrery.Load.Client;
using Orrery.Load.Report;
using Orrery.Load.Servers;

namespace Orrery.Load;

/// <summary>The whole run: starts the servers, warms them, measures row by row in rounds, and prints the table.</summary>
internal static class Comparison
{
    private static readonly TimeSpan LongestJoin = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        using var servers = await ServerSet.StartAsync(cancellationToken);
        var words = options.Only.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var rows = Row.All(servers).Where(row => words.All(row.Name.Contains)).ToArray();
        foreach (var row in rows)
        {
            await AnswersAsync(row, cancellationToken);
        }

        // Twice: in the first pass the code is instrumented, in the second it is compiled for good.
        foreach (var row in rows.Concat(rows))
        {
            Console.Error.WriteLine($"warm-up: {row.Name}");
            Generator.Run(row.Exchange, options.Connections, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        }

        for (var round = 1; round <= options.Rounds; round++)
        {
            Console.Error.WriteLine($"round {round} of {options.Rounds}");
            foreach (var row in rows)
            {
                await MeasureAsync(row, options, cancellationToken);
            }
        }

        Console.WriteLine($"{options.Connections} connections, {options.Seconds} s a row, median of {options.Rounds} rounds");
        Table.Print(rows, Console.Out);
    }

    private static async Task MeasureAsync(Row row, LoadOptions options, CancellationToken cancellationToken)
    {
        var before = await CostsAsync(row, cancellationToken);
        var traffic = Generator.Run(row.Exchange, options.Connections, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        row.Measurements.Add(Measurement.Of(traffic, await CostsAsync(row, cancellationToken) - before));
    }

    private static async Task<Costs> CostsAsync(Row row, CancellationToken cancellationToken)
    {
        var sum = default(Costs);
        foreach (var process in row.Processes)
        {
            sum += await process.ReadCostsAsync(cancellationToken);
        }

        return sum;
    }

    // A server is ready before it knows the node that joined last.
    private static async Task AnswersAsync(Row row, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = new Connection(row.Exchange);
                connection.Call();
                return;
            }
            catch (LoadException) when (Stopwatch.GetElapsedTime(started) < LongestJoin)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }
}
