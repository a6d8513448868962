using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsDashboard.History.Postgres;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Tests;

namespace Orrery.History;

/// <summary>The whole run: starts the server, loads the reports as nodes send them, and prints what each thing takes.</summary>
internal static class Measurement
{
    private const string ClusterId = "orrery";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset End = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    public static async Task RunAsync(HistoryOptions options, CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await TestDatabase.CreateAsync(server, cancellationToken);
        var clock = new Clock(End);
        var settings = new MetricsOptions();
        await using var store = new PostgresReportStore(database.Source, ClusterId, settings, clock, NullLogger.Instance);

        var reports = await LoadAsync(store, options, cancellationToken);
        await PrintSizeAsync(database, "reports", "orrery_metrics_report", reports, cancellationToken);
        await MeasureAsync($"roll-up of all {options.Hours} hours", () => store.MaintainAsync(cancellationToken));
        await PrintSizeAsync(database, "roll-up", "orrery_metrics_rollup", reports, cancellationToken);
        await database.ExecuteAsync("VACUUM ANALYZE", cancellationToken);
        await RollUpAgainAsync(store, options, cancellationToken);
        await Questions.MeasureAsync(store, options, settings, End, cancellationToken);
        if (options.Plans)
        {
            await Plans.PrintAsync(database, ClusterId, End, cancellationToken);
        }

        clock.Now = End - TimeSpan.FromHours(options.Hours) + settings.RawRetention + TimeSpan.FromHours(1) + (2 * Averages.RollupInterval);
        await MeasureAsync("retention: an hour of reports", () => store.MaintainAsync(cancellationToken));
        await MeasureAsync("retention: nothing to do", () => store.MaintainAsync(cancellationToken));
    }

    private static async Task<long> LoadAsync(PostgresReportStore store, HistoryOptions options, CancellationToken cancellationToken)
    {
        Walk[] nodes = [.. Enumerable.Range(0, options.Nodes).Select(number => new Walk(number))];
        var started = Stopwatch.GetTimestamp();
        var reports = 0L;
        Task before = Task.CompletedTask;
        for (var at = End - TimeSpan.FromHours(options.Hours); at < End; at += Interval)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = at;
            // The nodes' clocks are not the same.
            var adding = Task.WhenAll(nodes.Select((node, i) => store.AddAsync(node.Next(now.AddMilliseconds(29L * i % 30_000)), cancellationToken)));
            await before;
            before = adding;
            reports += nodes.Length;
        }

        await before;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print("reports taken", Invariant($"{reports:#,0} in {seconds:0.0} s: {reports / seconds:#,0}/s"));
        return reports;
    }

    // What is done each minute for the five minutes of now: reports of one node mark them, and all nodes' are read again.
    private static async Task RollUpAgainAsync(PostgresReportStore store, HistoryOptions options, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
        {
            await store.AddAsync(new Walk(options.Nodes - 1).Next(End.AddMinutes(-3).AddMilliseconds(i + 1)), cancellationToken);
            await MeasureAsync(i < 4 ? null : "roll-up of five minutes, again", () => store.MaintainAsync(cancellationToken));
        }
    }

    private static async Task MeasureAsync(string? what, Func<Task> run)
    {
        var started = Stopwatch.GetTimestamp();
        await run();
        if (what is not null)
        {
            Print(what, Invariant($"{Stopwatch.GetElapsedTime(started).TotalMilliseconds:#,0} ms"));
        }
    }

    private static async Task PrintSizeAsync(TestDatabase database, string what, string table, long reports, CancellationToken cancellationToken)
    {
        var sizes = await database.ReadAsync($"SELECT unnest(ARRAY[pg_table_size('{table}'), pg_indexes_size('{table}'), (SELECT count(*) FROM {table})])", cancellationToken);
        var (rows, index, count) = (Number(sizes[0]), Number(sizes[1]), Number(sizes[2]));
        Print($"size of the {what}", Invariant($"{rows / 1e6:#,0.0} MB + {index / 1e6:#,0.0} MB of index, {count:#,0} rows: {(rows + index) / Math.Max(1, count):0} bytes each, {(rows + index) / reports:0} for each report"));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static void Print(string what, string figure) => Console.WriteLine($"| {what,-34} | {figure} |");
}
