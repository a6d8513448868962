using Npgsql;

namespace Orrery.Grains.MetricsDashboard.History.Postgres;

/// <summary>
/// Averages the reports of five minutes, for each node and for the cluster, wherever reports have come in since it last
/// did: the five minutes of now, and those of late reports. It reads all reports of the five minutes again, so that doing
/// it twice changes nothing.
/// </summary>
internal sealed class Rollup(NpgsqlDataSource database, string clusterId)
{
    // With OFFSET 0 it looks each node's reports up in the index: read together, a planner that guesses wrong would read
    // the whole table.
    public const string Samples = $"""
        SELECT r.* FROM orrery_metrics_node n
        CROSS JOIN LATERAL (
            SELECT node, {Columns.OfSample} FROM orrery_metrics_report
            WHERE node = n.id AND at >= $2 AND at < $3
            ORDER BY at OFFSET 0) r
        WHERE n.cluster_id = $1
        """;

    private const int MostAtOnce = 1000;

    private const string Pending = "SELECT at FROM orrery_metrics_pending WHERE cluster_id = $1 ORDER BY at DESC LIMIT $2";

    private const string Earlier = $"""
        SELECT r.* FROM orrery_metrics_node n
        CROSS JOIN LATERAL (SELECT node, {Columns.OfPoint} FROM orrery_metrics_rollup WHERE node = n.id AND at = $2 OFFSET 0) r
        WHERE n.cluster_id = $1 AND n.node_id <> ''
        """;

    private const string Cluster = "SELECT id FROM orrery_metrics_node WHERE cluster_id = $1 AND node_id = ''";

    private const string Write = $"""
        INSERT INTO orrery_metrics_rollup (node, {Columns.OfPoint})
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        ON CONFLICT (node, at) DO UPDATE SET (samples, cpu_percent, cpu_percent_max, memory_percent, memory_percent_max, memory_used_bytes,
            load, process_cpu_percent, working_set_bytes, gc_heap_bytes, thread_pool_queue_max, received_bytes_per_second,
            sent_bytes_per_second, disk_read_bytes_per_second, disk_written_bytes_per_second)
            = (excluded.samples, excluded.cpu_percent, excluded.cpu_percent_max, excluded.memory_percent, excluded.memory_percent_max,
            excluded.memory_used_bytes, excluded.load, excluded.process_cpu_percent, excluded.working_set_bytes, excluded.gc_heap_bytes,
            excluded.thread_pool_queue_max, excluded.received_bytes_per_second, excluded.sent_bytes_per_second,
            excluded.disk_read_bytes_per_second, excluded.disk_written_bytes_per_second)
        """;

    private const string Done = "DELETE FROM orrery_metrics_pending WHERE cluster_id = $1 AND at = $2";

    /// <summary>Rolls up what is to be, the newest first, each five minutes in a transaction of its own.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var at in await PendingAsync(cancellationToken))
        {
            await RunAsync(at, cancellationToken);
        }
    }

    private async Task<List<DateTimeOffset>> PendingAsync(CancellationToken cancellationToken)
    {
        var pending = new List<DateTimeOffset>();
        await using var command = database.CreateCommand(Pending, clusterId, MostAtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            pending.Add(reader.GetFieldValue<DateTimeOffset>(0));
        }

        return pending;
    }

    private async Task RunAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (samples, points, cluster) = await ReadAsync(connection, at, cancellationToken);
        foreach (var (node, own) in samples)
        {
            if (Averages.Points(own, at, Averages.RollupInterval) is [var point])
            {
                points[node] = point;
            }
        }

        if (points.Count > 0)
        {
            points[cluster] = Averages.Average(at, [.. points.Values]);
        }

        await WriteAsync(connection, at, points, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<(Dictionary<int, List<MetricsSample>> Samples, Dictionary<int, MetricsPoint> Points, int Cluster)> ReadAsync(NpgsqlConnection connection, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.AddLock(clusterId);
        batch.Add(Samples, clusterId, at - Averages.LongestGap, at + Averages.RollupInterval);
        batch.Add(Earlier, clusterId, at);
        batch.Add(Cluster, clusterId);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var samples = new Dictionary<int, List<MetricsSample>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var node = reader.GetInt32(0);
            if (!samples.TryGetValue(node, out var own))
            {
                samples.Add(node, own = []);
            }

            own.Add(Columns.Sample(reader, 1));
        }

        await reader.NextResultAsync(cancellationToken);
        var points = new Dictionary<int, MetricsPoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            points.Add(reader.GetInt32(0), Columns.Point(reader, 1));
        }

        await reader.NextResultAsync(cancellationToken);
        return (samples, points, await reader.ReadAsync(cancellationToken) ? reader.GetInt32(0) : 0);
    }

    private async Task WriteAsync(NpgsqlConnection connection, DateTimeOffset at, Dictionary<int, MetricsPoint> points, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Add(Write, [points.Keys.ToArray(), .. Columns.Of(points.Values)]);
        batch.Add(Done, clusterId, at);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
