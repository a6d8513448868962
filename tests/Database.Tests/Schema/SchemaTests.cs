using Npgsql;
using Orrery.Database.Tests.Membership;
using Orrery.Tests;

namespace Orrery.Database.Tests.Schema;

public sealed class SchemaTests(SharedPostgres postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_the_providers_need_is_there_and_nothing_else()
    {
        var database = await postgres.DatabaseAsync();

        Assert.Equal(
            [
                "orleansquery", "orrery_member", "orrery_membership_version", "orrery_metrics_node", "orrery_metrics_pending",
                "orrery_metrics_report", "orrery_metrics_rollup", "orrery_schema", "orrery_state",
            ],
            await database.ReadAsync("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename", Token));
        Assert.Equal(
            [
                "CleanupDefunctSiloEntriesKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteStorageKey", "GatewaysQueryKey",
                "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "ReadFromStorageKey",
                "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "WriteToStorageKey",
            ],
            await database.ReadAsync("""SELECT QueryKey FROM OrleansQuery ORDER BY QueryKey COLLATE "C" """, Token));
        Assert.Equal(["2"], await database.ReadAsync("SELECT version FROM orrery_schema", Token));
    }

    [Fact]
    public async Task Applied_again_it_changes_nothing()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        var before = await Catalog.ReadAsync(database);

        await database.ExecuteAsync(TestDatabase.Schema, Token);

        Assert.Equal(before, await Catalog.ReadAsync(database));
    }

    [Fact]
    public async Task A_query_that_is_missing_or_differs_is_put_right()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        const string Queries = "SELECT QueryText FROM OrleansQuery ORDER BY QueryKey";
        var before = await database.ReadAsync(Queries, Token);
        await database.ExecuteAsync("DELETE FROM OrleansQuery WHERE QueryKey = 'GatewaysQueryKey'; UPDATE OrleansQuery SET QueryText = '' WHERE QueryKey = 'WriteToStorageKey'", Token);

        await database.ExecuteAsync(TestDatabase.Schema, Token);

        Assert.Equal(before, await database.ReadAsync(Queries, Token));
    }

    [Fact]
    public async Task Applied_by_ten_at_once_it_succeeds_for_all()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => database.ExecuteAsync(TestDatabase.Schema, Token)));

        Assert.Equal(["version 0"], await (await TestCluster.StartAsync(database)).ContentAsync());
    }

    [Fact]
    public async Task The_version_before_is_brought_up_to_date_by_ten_at_once_and_keeps_what_it_has()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        var newest = await TablesAsync(database);
        await database.ExecuteAsync("DROP TABLE orrery_metrics_node, orrery_metrics_report, orrery_metrics_rollup, orrery_metrics_pending; UPDATE orrery_schema SET version = 1", Token);
        var cluster = await TestCluster.StartAsync(database);
        await cluster.AddAsync(Members.New(1));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => database.ExecuteAsync(TestDatabase.Schema, Token)));

        Assert.Equal(newest, await TablesAsync(database));
        Assert.Equal(["2"], await database.ReadAsync("SELECT version FROM orrery_schema", Token));
        Assert.Equal(Members.Text(1, Members.New(1)), await cluster.ContentAsync());
        var before = await Catalog.ReadAsync(database);
        await database.ExecuteAsync(TestDatabase.Schema, Token);
        Assert.Equal(before, await Catalog.ReadAsync(database));
    }

    [Fact]
    public async Task A_newer_schema_is_left_alone()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        await database.ExecuteAsync("UPDATE orrery_schema SET version = 3; DELETE FROM OrleansQuery", Token);
        var before = await Catalog.ReadAsync(database);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(TestDatabase.Schema, Token));

        Assert.Equal("The database has version 3 of the Orrery schema, and this is version 2.", refusal.MessageText);
        Assert.Equal(before, await Catalog.ReadAsync(database));
    }

    [Fact]
    public async Task A_schema_with_the_tables_of_another_orleans_cluster_is_left_alone()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(postgres.Server);
        await database.ExecuteAsync("CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL)", Token);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(TestDatabase.Schema, Token));

        Assert.Equal("The schema \"public\" has the tables of another Orleans cluster.", refusal.MessageText);
        Assert.Equal(["orleansquery"], await database.ReadAsync("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()", Token));
    }

    [Fact]
    public async Task Applied_beside_running_nodes_it_disturbs_nobody()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        var cluster = await TestCluster.StartAsync(database);
        await cluster.AddAsync([.. Enumerable.Range(0, 4).Select(i => Members.New(i))]);
        var before = await Catalog.ReadAsync(database);

        // Each round is a heartbeat of every member, and an update by each that one of them wins.
        var applications = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => database.ExecuteAsync(TestDatabase.Schema, Token)));
        var rounds = 0;
        for (; rounds == 0 || !applications.IsCompleted; rounds++)
        {
            var next = await cluster.NextAsync();
            var heartbeats = Task.WhenAll(Enumerable.Range(0, 4).Select(i => cluster.HeartbeatAsync(Members.New(i))));
            var updates = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => cluster.UpdateAsync(Members.New(i), next)));
            await heartbeats;
            Assert.Single(updates, won => won);
        }

        await applications;
        Assert.Equal(Members.Text(4 + rounds, Enumerable.Range(0, 4).Select(i => Members.New(i))), await cluster.ContentAsync());
        Assert.Equal(before, await Catalog.ReadAsync(database));
    }

    private static Task<IReadOnlyList<string>> TablesAsync(TestDatabase database) =>
        database.ReadAsync("SELECT format('%s %s %s %s', table_name, column_name, data_type, is_nullable) FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1", Token);
}
