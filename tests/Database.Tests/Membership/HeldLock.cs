using Npgsql;
using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

/// <summary>
/// A statement in a transaction that is not ended yet. Whoever touches the same rows waits, having seen the state before,
/// so that a race has the order that the test wants.
/// </summary>
internal sealed class HeldLock : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _connection;
    private NpgsqlTransaction? _transaction;

    private HeldLock(TestDatabase database, NpgsqlConnection connection) => (_database, _connection) = (database, connection);

    public static async Task<HeldLock> TakeAsync(TestDatabase database, string statement)
    {
        var token = TestContext.Current.CancellationToken;
        var held = new HeldLock(database, await database.Source.OpenConnectionAsync(token));
        held._transaction = await held._connection.BeginTransactionAsync(token);
        await using var command = new NpgsqlCommand(statement, held._connection, held._transaction);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync(token));
        return held;
    }

    /// <summary>Waits until all of these, and no others, wait for a lock in the database.</summary>
    public async Task WaitForAsync(params Task[] blocked)
    {
        var token = TestContext.Current.CancellationToken;
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (await WaitingAsync() != $"{blocked.Length}")
        {
            foreach (var done in blocked.Where(task => task.IsCompleted))
            {
                await done;
                Assert.Fail("It was to wait for the lock.");
            }

            await interval.WaitForNextTickAsync(token);
        }
    }

    public Task ReleaseAsync() => _transaction!.CommitAsync(TestContext.Current.CancellationToken);

    private async Task<string> WaitingAsync() => Assert.Single(await _database.ReadAsync(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        if (_transaction is not null)
        {
            await _transaction.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }
}
