using Npgsql;

namespace Orrery.Grains.MetricsDashboard.History.Postgres;

/// <summary>
/// Deletes what is past its retention, a little at a time: one delete of a day's reports would take longer than a
/// statement may, and never get done.
/// </summary>
internal sealed class CleanUp(NpgsqlDataSource database, string clusterId)
{
    public static readonly string Reports = Rows.Replace("{0}", "orrery_metrics_report", StringComparison.Ordinal);

    public const int MostOfANodeAtOnce = 50;

    // By the index of each node, and then by the rows' places: a planner that guesses wrong would read the whole table.
    private const string Rows = """
        DELETE FROM {0} WHERE ctid = ANY (ARRAY (
            SELECT old.place FROM orrery_metrics_node n
            CROSS JOIN LATERAL (SELECT ctid AS place FROM {0} WHERE node = n.id AND at < $2 ORDER BY at LIMIT $3) old
            WHERE n.cluster_id = $1))
        """;

    // What is newer goes no more: nothing of the node is left. Nobody writes meanwhile, who could have counted on its number.
    private const string Nodes = "DELETE FROM orrery_metrics_node WHERE cluster_id = $1 AND newest_at < $2";

    private static readonly string Rollups = Rows.Replace("{0}", "orrery_metrics_rollup", StringComparison.Ordinal);

    public async Task RunAsync(DateTimeOffset reportsFrom, DateTimeOffset rollupsFrom, CancellationToken cancellationToken)
    {
        await DeleteAsync(Reports, reportsFrom, cancellationToken);
        await DeleteAsync(Rollups, rollupsFrom, cancellationToken);
        await using var batch = database.CreateBatch();
        batch.AddLock(clusterId);
        batch.Add(Nodes, clusterId, rollupsFrom);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task DeleteAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            await using var command = database.CreateCommand(sql, clusterId, before, MostOfANodeAtOnce);
            deleted = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (deleted > 0);
    }
}
