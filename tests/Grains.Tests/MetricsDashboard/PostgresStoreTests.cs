using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsDashboard.History.Postgres;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;
using Orrery.Tests;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class PostgresStoreTests(SharedPostgres postgres) : StoreContract
{
    private readonly string _clusterId = $"{Guid.NewGuid():N}";

    [Fact]
    public async Task Another_coordinator_carries_on_with_all_that_was_accepted()
    {
        await using var first = await StartAsync(new());
        await AddAsync(first, Enumerable.Range(0, 20).Select(i => Report("a", Noon.AddMinutes(i), i)));
        await first.MaintainAsync(Token);
        await AddAsync(first, [Report("a", Noon.AddMinutes(20), 20)]);

        await using var second = await StartAsync(new());
        await second.MaintainAsync(Token);

        Assert.Equal(20, Assert.Single(await second.NewestAsync(Token)).Metrics.CpuPercent);
        Assert.Equal(21, (await second.SamplesAsync("a", Noon, Noon.AddHours(1), Token)).Count);
        Assert.Equal([2, 7, 12, 17, 20], (await second.RollupsAsync("a", Noon, Noon.AddHours(1), Token)).Select(point => point.CpuPercent));
        Assert.False(await second.AddAsync(Report("a", Noon), Token));
    }

    [Fact]
    public async Task A_node_that_has_its_turn_to_join_holds_up_no_report()
    {
        await using var store = await StartAsync(new());
        await using var connection = await (await postgres.DatabaseAsync()).Source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await using var turn = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7311147, hashtext($1))", connection, transaction) { Parameters = { new() { Value = _clusterId } } };
        await turn.ExecuteNonQueryAsync(Token);

        await AddAsync(store, [Report("a", Noon)]);

        Assert.Single(await store.NewestAsync(Token));
    }

    [Fact]
    public async Task Clusters_of_one_database_are_apart()
    {
        await using var one = await StartAsync(new());
        await using var other = Store((await postgres.DatabaseAsync()).Source, $"{Guid.NewGuid():N}", new() { RawRetention = TimeSpan.FromHours(1), RollupRetention = TimeSpan.FromHours(1) });
        await AddAsync(one, [Report("a", Noon, 10)]);
        await AddAsync(other, [Report("a", Noon, 20)]);

        await one.MaintainAsync(Token);
        Assert.Empty(await other.RollupsAsync(null, Noon, Noon.AddHours(1), Token));
        Time.Advance(TimeSpan.FromHours(3));
        await other.MaintainAsync(Token);

        Assert.Empty(await other.NewestAsync(Token));
        Assert.Equal(10, Assert.Single(await one.NewestAsync(Token)).Metrics.CpuPercent);
        Assert.Equal(10, Assert.Single(await one.SamplesAsync("a", Noon, Noon.AddHours(1), Token)).CpuPercent);
        Assert.Equal(10, Assert.Single(await one.RollupsAsync(null, Noon, Noon.AddHours(1), Token)).CpuPercent);
    }

    [Fact]
    public async Task Averages_outlive_the_reports()
    {
        await using var store = await StartAsync(new() { RawRetention = TimeSpan.FromHours(1) });
        await AddAsync(store, Enumerable.Range(0, 10).Select(i => Report("a", Noon.AddMinutes(i), i)));
        await store.MaintainAsync(Token);
        var before = await store.RollupsAsync("a", Noon, Noon.AddHours(1), Token);

        Time.Advance(TimeSpan.FromDays(1));
        await store.MaintainAsync(Token);

        Assert.Empty(await store.SamplesAsync("a", Noon, Noon.AddHours(1), Token));
        Assert.Equal(2, before.Count);
        Assert.Equal(before, await store.RollupsAsync("a", Noon, Noon.AddHours(1), Token));
        Time.Advance(TimeSpan.FromDays(30));
        await store.MaintainAsync(Token);
        Assert.Empty(await store.RollupsAsync(null, Noon, Noon.AddHours(1), Token));
        Assert.Empty(await store.NewestAsync(Token));
    }

    [Fact]
    public async Task Two_coordinators_at_once_do_no_harm()
    {
        await using var one = await StartAsync(new() { RawRetention = TimeSpan.FromHours(1.5) });
        await using var other = await StartAsync(new() { RawRetention = TimeSpan.FromHours(1.5) });
        var nodes = Enumerable.Range(0, 5).Select(i => $"node-{i}").ToArray();

        // Both get the same reports, some of them past their retention, and both roll up and clean up meanwhile.
        await Task.WhenAll(Enumerable.Range(0, 60).SelectMany(minute => new[] { one, other }.SelectMany(store => nodes
            .Select(nodeId => (Task)store.AddAsync(Report(nodeId, Noon.AddMinutes((3 * minute) - 120), minute, 1000 * minute), Token))
            .Append(minute % 10 == 0 ? store.MaintainAsync(Token) : Task.CompletedTask))));
        await Task.WhenAll(one.MaintainAsync(Token), other.MaintainAsync(Token));

        foreach (var nodeId in nodes)
        {
            var expected = Averages.Points(await one.SamplesAsync(nodeId, Noon.AddMinutes(-10), Noon.AddHours(1), Token), Noon, Averages.RollupInterval);
            Assert.Equal(12, expected.Count);
            Assert.Equal(expected.Select(Near), (await other.RollupsAsync(nodeId, Noon, Noon.AddHours(1), Token)).Select(Near));
        }

        Assert.Equal(20 * nodes.Length, (await one.RollupsAsync(null, Noon, Noon.AddHours(1), Token)).Sum(point => point.Samples));
        Assert.Equal(["0"], await (await postgres.DatabaseAsync()).ReadAsync($"SELECT count(*) FROM orrery_metrics_pending WHERE cluster_id = '{_clusterId}'", Token));
    }

    [Fact]
    public async Task The_right_to_change_rows_is_enough()
    {
        await using var owned = await TestDatabase.CreateAsync(postgres.Server, Token);
        await using var others = await TestDatabase.CreateEmptyAsync(postgres.Server);
        var role = new NpgsqlConnectionStringBuilder(others.ConnectionString);
        await owned.ExecuteAsync($"GRANT USAGE ON SCHEMA public TO {role.Username}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role.Username}", Token);
        await using var restricted = owned.With(connection => (connection.Username, connection.Password) = (role.Username, role.Password));
        await using var store = Store(restricted.Source, _clusterId, new() { RawRetention = TimeSpan.FromHours(1), RollupRetention = TimeSpan.FromHours(1) });

        await AddAsync(store, [Report("a", Noon)]);
        await store.MaintainAsync(Token);
        Assert.Single(await store.RollupsAsync(null, Noon, Noon.AddHours(1), Token));
        Time.Advance(TimeSpan.FromHours(2));
        await store.MaintainAsync(Token);

        Assert.Empty(await store.NewestAsync(Token));
    }

    [Fact]
    public async Task Many_nodes_and_reports_are_written_together()
    {
        await using var store = await StartAsync(new());

        await AddAsync(store, Enumerable.Range(0, 3000).Select(i => Report($"node-{i % 1000}", Noon.AddSeconds(i))));

        Assert.Equal(1000, (await store.NewestAsync(Token)).Count);
        var transactions = await (await postgres.DatabaseAsync()).ReadAsync($"SELECT count(DISTINCT r.xmin::text) FROM orrery_metrics_report r JOIN orrery_metrics_node n ON n.id = r.node WHERE n.cluster_id = '{_clusterId}'", Token);
        Assert.InRange(int.Parse(transactions[0], CultureInfo.InvariantCulture), 6, 1000);
    }

    [Fact]
    public async Task A_text_that_is_no_proper_text_spoils_no_other_report()
    {
        await using var store = await StartAsync(new());

        await AddAsync(store, [Report("a", Noon), new NodeReport(Metrics("b", Noon), [new("half", ServiceStatus.Running, ServiceHealth.Healthy, "\ud83d")]), Report("c", Noon)]);

        Assert.Equal(3, (await store.NewestAsync(Token)).Count);
    }

    [Fact]
    public async Task More_reports_than_there_is_room_for_are_refused_and_not_kept()
    {
        await using var store = await StartAsync(new());

        var all = Enumerable.Range(0, 20_000).Select(i => Task.Run(() => store.AddAsync(Report("a", Noon.AddMilliseconds(i)), Token))).ToArray();
        await Task.WhenAll(all).ContinueWith(_ => { }, Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Assert.All(all.Where(add => add.IsFaulted), add => Assert.Equal(RpcErrorReason.StateUnavailable, Assert.IsType<RpcException>(add.Exception!.InnerException).Reason));
        Assert.Equal(all.Count(add => add.IsCompletedSuccessfully), (await store.SamplesAsync("a", Noon, Noon.AddHours(1), Token)).Count);
    }

    [Fact]
    public async Task Without_the_database_reports_fail_and_with_it_they_are_taken_again()
    {
        SharedPostgres.Require(PostgresServer.OwnMissing);
        await using var server = await PostgresServer.StartAsync(own: true);
        await using var database = await TestDatabase.CreateAsync(server, Token);
        await using var store = Store(database.Source, _clusterId, new());
        await AddAsync(store, [Report("a", Noon)]);

        await server.StopAsync();
        var refused = Enumerable.Range(1, 1000).Select(i => store.AddAsync(Report("a", Noon.AddSeconds(i)), Token)).ToArray();
        foreach (var add in refused)
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => add);
        }

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => store.MaintainAsync(Token));
        await server.RunAsync();
        database.Source.Clear();

        await AddAsync(store, Enumerable.Range(1, 1000).Select(i => Report("a", Noon.AddSeconds(i))));
        await store.MaintainAsync(Token);
        Assert.Equal(1001, (await store.RollupsAsync("a", Noon, Noon.AddHours(1), Token)).Sum(point => point.Samples));
    }

    private protected override async Task<IReportStore> StartAsync(MetricsOptions options) => Store((await postgres.DatabaseAsync()).Source, _clusterId, options);

    private PostgresReportStore Store(NpgsqlDataSource database, string clusterId, MetricsOptions options) => new(database, clusterId, options, Time, NullLogger.Instance);
}
