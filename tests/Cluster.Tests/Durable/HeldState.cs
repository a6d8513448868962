using Npgsql;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

/// <summary>Keeps services from writing their state, so that a call that writes lasts for as long as a test wants.</summary>
internal sealed class HeldState : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _connection;
    private NpgsqlTransaction? _transaction;

    private HeldState(TestDatabase database, NpgsqlConnection connection) => (_database, _connection) = (database, connection);

    /// <param name="connectionString">The database.</param>
    /// <param name="service">The service whose state is held; all state when it is null.</param>
    public static async Task<HeldState> TakeAsync(string connectionString, string? service = null)
    {
        var database = TestDatabase.Open(connectionString);
        var held = new HeldState(database, await database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken));
        held._transaction = await held._connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var statement = service is null ? "LOCK TABLE orrery_state IN EXCLUSIVE MODE" : "SELECT 1 FROM orrery_state WHERE state_name LIKE 'svc.' || $1 || '/%' FOR UPDATE";
        await using var command = new NpgsqlCommand(statement, held._connection, held._transaction);
        if (service is not null)
        {
            command.Parameters.Add(new() { Value = service });
        }

        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return held;
    }

    /// <summary>Waits until somebody waits for it.</summary>
    public async Task IsWantedAsync()
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await _database.ReadAsync($"SELECT 1 FROM pg_stat_activity WHERE {_connection.ProcessID} = ANY (pg_blocking_pids(pid))", TestContext.Current.CancellationToken)).Count == 0)
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public Task ReleaseAsync() => _transaction!.RollbackAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_transaction is not null)
        {
            await _transaction.DisposeAsync();
        }

        await _connection.DisposeAsync();
        await _database.DisposeAsync();
    }
}
