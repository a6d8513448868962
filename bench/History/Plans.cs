using Npgsql;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsDashboard.History.Postgres;
using Orrery.Tests;

namespace Orrery.History;

/// <summary>Prints how PostgreSQL comes by the answers.</summary>
internal static class Plans
{
    public static async Task PrintAsync(TestDatabase database, string clusterId, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var node = new Walk(0).NodeId;
        await PrintAsync(database, "newest report of each node", PostgresReportStore.Newest, [clusterId], cancellationToken);
        await PrintAsync(database, "a node's last hour, each report", PostgresReportStore.Samples, [clusterId, node, end.AddHours(-1), end], cancellationToken);
        await PrintAsync(database, "a node's day, at five minutes", PostgresReportStore.Rollups, [clusterId, node, end.AddDays(-1), end], cancellationToken);
        await PrintAsync(database, "the cluster's day, at five minutes", PostgresReportStore.Rollups, [clusterId, "", end.AddDays(-1), end], cancellationToken);
        await PrintAsync(database, "roll-up of five minutes", Rollup.Samples, [clusterId, end.AddMinutes(-5) - Averages.LongestGap, end], cancellationToken);
        await PrintAsync(database, "retention, an hour of reports", CleanUp.Reports, [clusterId, end.AddHours(-23), CleanUp.MostOfANodeAtOnce], cancellationToken);
    }

    // What changes something is taken back.
    private static async Task PrintAsync(TestDatabase database, string what, string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"EXPLAIN (ANALYZE, BUFFERS) {sql}", connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        Console.WriteLine($"\n{what}:");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Console.WriteLine($"  {reader.GetString(0)}");
        }
    }
}
