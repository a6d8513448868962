using Orrery.Database.Tests.Membership;
using Orrery.Tests;

namespace Orrery.Database.Tests.Schema;

/// <summary>The schema in the hands of an operator, who has psql and a role that is no superuser.</summary>
public sealed class OperatorTests(SharedPostgres postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Psql_applies_it_twice_without_a_word()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);

        Assert.Equal((0, ""), await Psql.ApplyAsync(database));
        var before = await Catalog.ReadAsync(database);
        Assert.Equal((0, ""), await Psql.ApplyAsync(database));

        Assert.Equal(before, await Catalog.ReadAsync(database));
        Assert.Equal(["version 0"], await (await TestCluster.StartAsync(database)).ContentAsync());
    }

    [Fact]
    public async Task Psql_says_what_to_do_about_a_newer_schema()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        await database.ExecuteAsync("UPDATE orrery_schema SET version = 3", Token);

        var (exitCode, errors) = await Psql.ApplyAsync(database);

        Assert.Equal(3, exitCode);
        Assert.Contains("The database has version 3 of the Orrery schema, and this is version 2.", errors, StringComparison.Ordinal);
        Assert.Contains("Use the schema.sql of the release that the nodes run.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_the_operators_choosing_holds_all_of_it()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        await using var chosen = database.With(connection => connection.SearchPath = "chosen");
        await database.ExecuteAsync("CREATE SCHEMA chosen", Token);

        Assert.Equal((0, ""), await Psql.ApplyAsync(database, "--search_path=chosen"));
        var before = await Catalog.ReadAsync(chosen);
        await chosen.ExecuteAsync(TestDatabase.Schema, Token);

        Assert.Equal(before, await Catalog.ReadAsync(chosen));
        Assert.Equal(["chosen"], await database.ReadAsync("SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema$)'", Token));
        var cluster = await TestCluster.StartAsync(chosen);
        await cluster.AddAsync(Members.New(1, SiloStatus.Joining), Members.New(2, SiloStatus.Dead));
        Assert.True(await cluster.UpdateAsync(Members.New(1), await cluster.NextAsync()));
        await cluster.CleanUpAsync(Members.Time.AddDays(1));
        Assert.Equal(Members.Text(3, Members.New(1)), await cluster.ContentAsync());
        Assert.Single(await cluster.GatewaysAsync());
    }

    [Fact]
    public async Task Two_schemas_of_one_database_are_apart()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        await database.ExecuteAsync("CREATE SCHEMA one; CREATE SCHEMA two", Token);
        await using var one = database.With(connection => connection.SearchPath = "one");
        await using var two = database.With(connection => connection.SearchPath = "two");

        await Task.WhenAll(one.ExecuteAsync(TestDatabase.Schema, Token), two.ExecuteAsync(TestDatabase.Schema, Token));

        var cluster = await TestCluster.StartAsync(one, "same-id");
        await cluster.AddAsync(Members.New(1));
        Assert.Equal(["version 0"], await (await TestCluster.StartAsync(two, "same-id")).ContentAsync());
    }
}
