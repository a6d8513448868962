using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Rpc;

namespace Orrery.Grains.MetricsDashboard.History.Postgres;

/// <summary>
/// Writes reports to the database, many at once: those that come while a write is under way go together with the next. A
/// report is done when it is committed, so what was accepted no death of a coordinator loses.
/// </summary>
internal sealed partial class ReportWriter : IAsyncDisposable
{
    private const int MostAtOnce = 500;
    private const int MostWaiting = 5000;

    // The number of a node is made here, and used up only by a node that has none. The empty one stands for the cluster.
    private const string AddNodes = """
        INSERT INTO orrery_metrics_node (cluster_id, node_id)
        SELECT DISTINCT $1, reported.node_id
        FROM unnest($2) AS reported (node_id)
        WHERE NOT EXISTS (SELECT FROM orrery_metrics_node known WHERE known.cluster_id = $1 AND known.node_id = reported.node_id)
        """;

    // Gives what was not there. The five minutes of each are to be rolled up again, and those of the report after a late
    // one, since a rate reaches from one report to the next.
    private const string AddReports = $"""
        WITH stored AS (
            INSERT INTO orrery_metrics_report (node, {Columns.OfSample})
            SELECT known.id, {Columns.OfSample}
            FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS reported (node_id, {Columns.OfSample})
            JOIN orrery_metrics_node known ON known.cluster_id = $1 AND known.node_id = reported.node_id
            ON CONFLICT DO NOTHING
            RETURNING node, at),
        next AS (
            SELECT later.at FROM stored
            CROSS JOIN LATERAL (
                SELECT r.at FROM orrery_metrics_report r
                WHERE r.node = stored.node AND r.at > stored.at AND r.at <= stored.at + interval '10 minutes'
                ORDER BY r.at LIMIT 1) later),
        marked AS (
            INSERT INTO orrery_metrics_pending (cluster_id, at)
            SELECT DISTINCT $1, to_timestamp(floor(extract(epoch FROM touched.at) / 300) * 300)
            FROM (SELECT at FROM stored UNION ALL SELECT at FROM next) touched
            ON CONFLICT DO NOTHING)
        SELECT known.node_id, stored.at FROM stored JOIN orrery_metrics_node known ON known.id = stored.node
        """;

    private const string KeepNewest = """
        UPDATE orrery_metrics_node known SET newest_at = reported.at, report = reported.report
        FROM unnest($2, $3, $4) AS reported (node_id, at, report)
        WHERE known.cluster_id = $1 AND known.node_id = reported.node_id AND (known.newest_at IS NULL OR known.newest_at < reported.at)
        """;

    private readonly NpgsqlDataSource _database;
    private readonly string _clusterId;
    private readonly ILogger _logger;
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task _writing;
    private bool _isFailing;

    public ReportWriter(NpgsqlDataSource database, string clusterId, ILogger logger)
    {
        _database = database;
        _clusterId = clusterId;
        _logger = logger;
        // Not on the scheduler of the grain that made this, which would run it in between its calls.
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Gives whether the report was new, once it is committed.</summary>
    /// <exception cref="RpcException">Too many wait already.</exception>
    public Task<bool> WriteAsync(NodeReport report)
    {
        var waiting = new Waiting(report);
        return _waiting.Writer.TryWrite(waiting) ? waiting.IsNew.Task : throw HistoryErrors.TooManyWaiting();
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAllAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var reports = Take(MostAtOnce);
            try
            {
                await WriteAsync(reports);
                Say(null);
            }
            catch (Exception exception)
            {
                // The others would each wait for the database as long as these did, and their callers with them.
                Fail([.. reports, .. Take(MostWaiting)], exception);
                Say(exception);
            }
        }
    }

    private List<Waiting> Take(int most)
    {
        var taken = new List<Waiting>();
        while (taken.Count < most && _waiting.Reader.TryRead(out var next))
        {
            taken.Add(next);
        }

        return taken;
    }

    private async Task WriteAsync(List<Waiting> waiting)
    {
        var reports = waiting.ConvertAll(each => each.Report);
        await using var batch = _database.CreateBatch();
        batch.AddLock(_clusterId);
        batch.Add(AddNodes, _clusterId, reports.Select(report => report.NodeId).Append("").ToArray());
        batch.Add(AddReports, [_clusterId, reports.Select(report => report.NodeId).ToArray(), .. Columns.Of(reports.ConvertAll(report => MetricsSample.Of(report.Metrics, report.At)))]);
        var newest = reports.GroupBy(report => report.NodeId).Select(group => group.MaxBy(report => report.At)!).ToArray();
        batch.Add(
            KeepNewest,
            _clusterId,
            newest.Select(report => report.NodeId).ToArray(),
            newest.Select(report => report.At).ToArray(),
            new Json([.. newest.Select(report => JsonSerializer.Serialize(report, WireJson.Options))]));
        var stored = await StoredAsync(batch);
        // Of two that are the same, one was stored.
        waiting.ForEach(each => each.IsNew.SetResult(stored.Remove((each.Report.NodeId, each.Report.At))));
    }

    private static async Task<HashSet<(string, DateTimeOffset)>> StoredAsync(NpgsqlBatch batch)
    {
        var stored = new HashSet<(string, DateTimeOffset)>();
        await using var reader = await batch.ExecuteReaderAsync();
        // The first result is the lock's.
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            stored.Add((reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1)));
        }

        // An error of the statement after it would come here, and the commit.
        await reader.NextResultAsync();
        return stored;
    }

    private static void Fail(List<Waiting> waiting, Exception exception) => waiting.ForEach(each => each.IsNew.TrySetException(exception));

    private void Say(Exception? problem)
    {
        if (problem is not null && !_isFailing)
        {
            LogFailing(problem.GetBaseException().Message.TrimEnd('.'));
        }
        else if (problem is null && _isFailing)
        {
            LogWorking();
        }

        _isFailing = problem is not null;
    }

    [LoggerMessage(LogLevel.Warning, "Reports can't be stored: {Problem}. The nodes keep theirs until they can")]
    private partial void LogFailing(string problem);

    [LoggerMessage(LogLevel.Information, "Reports are stored again")]
    private partial void LogWorking();

    private sealed record Waiting(NodeReport Report)
    {
        public TaskCompletionSource<bool> IsNew { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
