using System.Diagnostics;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsDashboard.History.Postgres;
using Orrery.Grains.MetricsDashboard.Reports;

namespace Orrery.History;

/// <summary>Asks what callers ask, a hundred times each, and prints how long the answers took.</summary>
internal static class Questions
{
    private const int Times = 100;

    public static async Task MeasureAsync(PostgresReportStore store, HistoryOptions options, MetricsOptions settings, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var day = TimeSpan.FromHours(options.Hours);
        Console.WriteLine($"| {"question",-34} | {"median ms",9} | {"p95 ms",9} |");
        await MeasureAsync("newest report of each node", _ => NewestAsync());
        await MeasureAsync("a node's last hour, each report", i => AskAsync(Node(i), TimeSpan.FromHours(1), 30));
        await MeasureAsync("a node's day, at five minutes", i => AskAsync(Node(i), day, 300));
        await MeasureAsync("the cluster's day, at five minutes", _ => AskAsync(null, day, 300));

        string Node(int i) => new Walk(i * 7 % options.Nodes).NodeId;

        async Task NewestAsync()
        {
            var newest = new NewestReports();
            newest.Merge(await store.NewestAsync(cancellationToken));
            if (newest.Summarize(end).NodesReporting != options.Nodes)
            {
                throw new InvalidOperationException("A node is missing.");
            }
        }

        async Task AskAsync(string? nodeId, TimeSpan range, int resolution)
        {
            var query = HistoryQuery.Read(nodeId, end - range, end, resolution, end, settings);
            var points = await query.PointsAsync(store, cancellationToken);
            if (points.Count < (query.To - query.From) / query.Resolution)
            {
                throw new InvalidOperationException("A point is missing.");
            }
        }
    }

    private static async Task MeasureAsync(string what, Func<int, Task> ask)
    {
        var milliseconds = new List<double>();
        // The first ones compile the code.
        for (var i = -10; i < Times; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await ask(i + 10);
            if (i >= 0)
            {
                milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        milliseconds.Sort();
        Console.WriteLine(FormattableString.Invariant($"| {what,-34} | {milliseconds[Times / 2],9:0.00} | {milliseconds[Times * 95 / 100],9:0.00} |"));
    }
}
