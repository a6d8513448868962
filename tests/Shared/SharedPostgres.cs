namespace Orrery.Tests;

/// <summary>
/// One PostgreSQL server for all tests of an assembly that names this as its assembly fixture. Where there can be none, the
/// tests that ask for a database are skipped; with <c>ORRERY_REQUIRE_POSTGRES=1</c> they fail.
/// </summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    private PostgresServer? _server;
    private Lazy<Task<TestDatabase>>? _database;

    internal PostgresServer Server
    {
        get
        {
            Require(PostgresServer.Missing);
            return _server!;
        }
    }

    /// <summary>Skips the test for what is missing, if anything is.</summary>
    public static void Require(string? missing)
    {
        Assert.False(missing is not null && Environment.GetEnvironmentVariable("ORRERY_REQUIRE_POSTGRES") == "1", missing);
        Assert.SkipUnless(missing is null, missing ?? "");
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            _server = await PostgresServer.StartAsync();
            _database = new(() => TestDatabase.CreateAsync(_server, CancellationToken.None));
        }
    }

    /// <summary>A database for all tests that keep to clusters of their own.</summary>
    internal Task<TestDatabase> DatabaseAsync()
    {
        Require(PostgresServer.Missing);
        return _database!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is { IsValueCreated: true })
        {
            await (await _database.Value).DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
