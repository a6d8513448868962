using Npgsql;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

public sealed class DatabaseSettingsTests(SharedPostgres postgres)
{
    private const string Connection = "ConnectionStrings__Orrery";

    [Fact]
    public async Task A_node_takes_a_url_from_a_file_that_the_environment_names()
    {
        var url = TestDatabase.Url(await postgres.Server.CreateDatabaseAsync());
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, url + "?application_name=from-a-file\n", TestContext.Current.CancellationToken);
        await using var node = Start(new() { [Connection + "_FILE"] = file, ["Orrery__Database__Migrate"] = "true" });

        await node.JoinsAsync();

        File.Delete(file);
    }

    [Fact]
    public async Task A_node_without_the_right_to_migrate_waits_for_the_tables_and_says_how_to_make_them()
    {
        var connection = await postgres.Server.CreateDatabaseAsync();
        await using var node = Start(new() { [Connection] = connection });
        await node.SeesAsync(new("(worker-1) waits for the database .*: the tables are not there. Apply db/schema.sql"));

        await using var database = TestDatabase.Open(connection);
        await database.ExecuteAsync(TestDatabase.Schema, TestContext.Current.CancellationToken);

        await node.JoinsAsync();
    }

    [Theory]
    [InlineData(1, "has version 1 of the schema, and this node needs version 2. Apply db/schema.sql")]
    [InlineData(3, "has version 3 of the schema, and this node needs version 2. Run nodes of the release")]
    public async Task A_database_of_another_schema_version_is_refused_with_what_to_do(int version, string expected)
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        await database.ExecuteAsync($"UPDATE orrery_schema SET version = {version}", TestContext.Current.CancellationToken);
        await using var node = Start(new() { [Connection] = database.ConnectionString });

        Assert.Equal(78, await node.ExitsAsync());
        Assert.Contains(expected, node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_may_migrate_brings_an_older_schema_up_to_date_and_leaves_a_newer_one_alone()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        await database.ExecuteAsync("UPDATE orrery_schema SET version = 1", TestContext.Current.CancellationToken);
        await using var node = Start(new() { [Connection] = database.ConnectionString, ["Orrery__Database__Migrate"] = "true" });
        await node.JoinsAsync();

        await database.ExecuteAsync("UPDATE orrery_schema SET version = 3", TestContext.Current.CancellationToken);
        await using var older = Start(new() { [Connection] = database.ConnectionString, ["Orrery__Database__Migrate"] = "true" });

        Assert.Equal(78, await older.ExitsAsync());
        Assert.Equal(["3"], await database.ReadAsync("SELECT version FROM orrery_schema", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nodes_work_in_a_schema_of_the_operators_choosing()
    {
        var connection = await postgres.Server.CreateDatabaseAsync();
        await using var database = TestDatabase.Open(connection);
        await database.ExecuteAsync("CREATE SCHEMA platform", TestContext.Current.CancellationToken);
        await using var node = Start(new() { [Connection] = connection + ";Search Path=platform", ["Orrery__Database__Migrate"] = "true" });

        await node.JoinsAsync();

        Assert.Equal(["1"], await database.ReadAsync("SELECT count(*) FROM platform.orrery_member WHERE status = 3", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Search Path=nowhere", "no schema has been selected to create in")]
    [InlineData("Password=wrong", "password authentication failed")]
    [InlineData("Database=nowhere", "database \"nowhere\" does not exist")]
    public async Task What_waiting_can_not_mend_stops_the_start(string change, string expected)
    {
        var connection = await postgres.Server.CreateDatabaseAsync();
        await using var node = Start(new() { [Connection] = $"{connection};{change}", ["Orrery__Database__Migrate"] = "true" });

        Assert.Equal(78, await node.ExitsAsync());
        Assert.StartsWith("The node can't start:", node.Output, StringComparison.Ordinal);
        Assert.Contains(expected, node.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Password=geheim;rest", "")]
    [InlineData("Host=db;Port=geheim", "")]
    [InlineData("nonsense geheim", "")]
    [InlineData("Username=orrery;Password=geheim", "names no host")]
    [InlineData("postgres://orrery:geheim@db:port/orrery", "Port")]
    [InlineData("postgres://orrery:ge?heim@db/orrery", "percent-encoded")]
    public async Task A_connection_string_that_can_not_be_read_is_refused_and_not_shown(string connection, string expected)
    {
        await using var node = Start(new() { [Connection] = connection });

        Assert.Equal(78, await node.ExitsAsync());
        Assert.Contains("ConnectionStrings:Orrery", node.Output, StringComparison.Ordinal);
        Assert.Contains(expected, node.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("heim", node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_on_the_command_line_is_refused_and_not_shown()
    {
        foreach (var args in new string[][] { ["--ConnectionStrings:Orrery", "Host=db;Password=geheim"], ["--ConnectionStrings:Orrery=Host=db;Password=geheim"], ["--connection=Password=geheim"], ["postgres://orrery:geheim@db/orrery"] })
        {
            await using var node = Start([], args);

            Assert.Equal(78, await node.ExitsAsync());
            Assert.DoesNotContain("geheim", node.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_password_is_in_no_log_however_much_is_logged()
    {
        var connection = await postgres.Server.CreateDatabaseAsync();
        await using var node = Start(new() { [Connection] = connection, ["Orrery__Database__Migrate"] = "true", ["Logging__LogLevel__Default"] = "Trace", ["Logging__LogLevel__Orleans"] = "Trace", ["Logging__LogLevel__Microsoft"] = "Trace" });

        await node.JoinsAsync();

        Assert.DoesNotContain(new NpgsqlConnectionStringBuilder(connection).Password!, node.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Password=", node.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Orrery__Seed", "127.0.0.1:11111", "Orrery:Seed")]
    [InlineData("ConnectionStrings__Orrery_FILE", "/no/such/file", "Leave one of them out")]
    [InlineData("Orrery__Database__Migrate", "maybe", "neither true nor false")]
    [InlineData("Orrery__Database__Migrat", "true", "Orrery:Database:Migrat is not a setting")]
    public async Task Settings_that_contradict_the_database_are_refused(string key, string value, string expected)
    {
        await using var node = Start(new() { [Connection] = "Host=127.0.0.1;Password=geheim", [key] = value });

        Assert.Equal(78, await node.ExitsAsync());
        Assert.Contains(expected, node.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", node.Output, StringComparison.Ordinal);
    }

    private static NodeProcess Start(Dictionary<string, string> environment, params string[] args) =>
        NodeProcess.Start("src/Silo", "Orrery.Silo", args.Length > 0 ? args : ["--node-id", "worker-1"], environment);
}
