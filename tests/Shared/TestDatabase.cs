using Npgsql;
using Orrery.Rpc.Hosting;

namespace Orrery.Tests;

/// <summary>A database of its own, with the schema in it, and the connections to it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private TestDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
    }

    /// <summary>The text of <c>db/schema.sql</c>.</summary>
    public static string Schema { get; } = ReadSchema();

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    /// <summary>The same as a URL.</summary>
    public static string Url(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgres://{connection.Username}:{Uri.EscapeDataString(connection.Password!)}@{connection.Host}:{connection.Port}/{connection.Database}";
    }

    public static async Task<TestDatabase> CreateAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        var database = await CreateEmptyAsync(server);
        await database.ExecuteAsync(Schema, cancellationToken);
        return database;
    }

    public static async Task<TestDatabase> CreateEmptyAsync(PostgresServer server) => Open(await server.CreateDatabaseAsync());

    public static TestDatabase Open(string connectionString) => new(connectionString);

    /// <summary>Other connections to the same database, by a changed connection string.</summary>
    public TestDatabase With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString);
        change(builder);
        return new TestDatabase(builder.ConnectionString);
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the rows, as text.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add($"{reader.GetValue(0)}");
        }

        return rows;
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    private static string ReadSchema()
    {
        using var reader = new StreamReader(typeof(LoopbackPort).Assembly.GetManifestResourceStream("schema.sql")!);
        return reader.ReadToEnd();
    }
}
