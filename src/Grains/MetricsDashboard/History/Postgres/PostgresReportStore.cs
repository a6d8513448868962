using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Rpc;

namespace Orrery.Grains.MetricsDashboard.History.Postgres;

/// <summary>Keeps reports in PostgreSQL, in the tables <c>orrery_metrics_*</c> of <c>db/schema.sql</c>.</summary>
internal sealed class PostgresReportStore(NpgsqlDataSource database, string clusterId, MetricsOptions options, TimeProvider time, ILogger logger) : IReportStore
{
    public const string Newest = "SELECT report::text FROM orrery_metrics_node WHERE cluster_id = $1 AND report IS NOT NULL";

    public const string Samples = $"""
        SELECT {Columns.OfSample} FROM orrery_metrics_report
        WHERE node = (SELECT id FROM orrery_metrics_node WHERE cluster_id = $1 AND node_id = $2) AND at >= $3 AND at < $4
        ORDER BY at
        """;

    public const string Rollups = $"""
        SELECT {Columns.OfPoint} FROM orrery_metrics_rollup
        WHERE node = (SELECT id FROM orrery_metrics_node WHERE cluster_id = $1 AND node_id = $2) AND at >= $3 AND at < $4
        ORDER BY at
        """;

    private readonly ReportWriter _writer = new(database, clusterId, logger);
    private readonly Rollup _rollup = new(database, clusterId);
    private readonly CleanUp _cleanUp = new(database, clusterId);

    // Who gave up finds out by sending the report again.
    public Task<bool> AddAsync(NodeReport report, CancellationToken cancellationToken) => _writer.WriteAsync(report).WaitAsync(cancellationToken);

    public Task<IReadOnlyList<NodeReport>> NewestAsync(CancellationToken cancellationToken) =>
        ReadAsync(reader => JsonSerializer.Deserialize<NodeReport>(reader.GetString(0), WireJson.Options)!, Newest, [clusterId], cancellationToken);

    public Task<IReadOnlyList<MetricsSample>> SamplesAsync(string nodeId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        ReadAsync(reader => Columns.Sample(reader), Samples, [clusterId, nodeId, from, to], cancellationToken);

    public Task<IReadOnlyList<MetricsPoint>> RollupsAsync(string? nodeId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        ReadAsync(reader => Columns.Point(reader), Rollups, [clusterId, nodeId ?? "", from, to], cancellationToken);

    public async Task MaintainAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await _rollup.RunAsync(cancellationToken);
        await _cleanUp.RunAsync(Retention.OfReports(options, now), Retention.OfRollups(options, now), cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task<IReadOnlyList<T>> ReadAsync<T>(Func<NpgsqlDataReader, T> read, string sql, object[] values, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using var command = database.CreateCommand(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
