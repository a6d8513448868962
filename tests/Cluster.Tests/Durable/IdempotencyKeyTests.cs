using System.Text.Json;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed class IdempotencyKeyTests(SharedPostgres postgres)
{
    private const string Add = "counter/worker-1/add";
    private const string Kept = "SELECT 1 FROM orrery_state WHERE state_name LIKE 'orrery.keyed_calls/%'";

    [Fact]
    public async Task A_call_that_runs_while_its_gateway_dies_is_answered_through_another_and_runs_once()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster(database);
        var (gateway, one, other, _) = await StartAsync(cluster);
        Assert.Equal(1, await CountAsync(other, "first"));
        await using var held = await HeldState.TakeAsync(database, "counter");
        var broken = one.AnswerAsync(Add, idempotencyKey: "k");
        await held.IsWantedAsync();
        var waiting = other.AnswerAsync(Add, idempotencyKey: "k");

        gateway.Kill();
        await Assert.ThrowsAsync<HttpRequestException>(() => broken);
        await held.ReleaseAsync();

        Assert.Equal(2, (await waiting).GetProperty("result").GetInt64());
        Assert.Equal(2, await CountAsync(other, "k"));
        Assert.Equal(2, (await other.ResultAsync("counter/worker-1/get")).GetInt64());
    }

    [Fact]
    public async Task A_call_whose_node_dies_has_an_unknown_outcome_and_never_runs_again()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster(database);
        var (_, one, other, worker) = await StartAsync(cluster);
        await CountAsync(one, "first");
        await using var held = await HeldState.TakeAsync(database, "counter");
        var call = one.AnswerAsync(Add, idempotencyKey: "k");
        await held.IsWantedAsync();

        worker.Kill();
        var told = (await call).GetProperty("error");
        await held.ReleaseAsync();
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        var before = await other.UntilAsync("counter/worker-1/get", count => count.ValueKind is JsonValueKind.Number);
        var again = (await other.AnswerAsync(Add, idempotencyKey: "k")).GetProperty("error");

        foreach (var error in new[] { told, again })
        {
            Assert.Equal(-32002, error.GetProperty("code").GetInt32());
            Assert.Equal("maybe", error.GetProperty("data").GetProperty("executed").GetString());
        }

        Assert.Equal(before.GetInt64(), (await other.ResultAsync("counter/worker-1/get")).GetInt64());
    }

    [Fact]
    public async Task An_outcome_outlives_all_nodes()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (_, one, _, _) = await StartAsync(cluster);
        Assert.Equal(1, await CountAsync(one, "k"));

        await cluster.CrashAsync();
        var (_, _, other, _) = await StartAsync(cluster);

        Assert.Equal(1, await CountAsync(other, "k"));
        Assert.Equal(2, await CountAsync(other, "next"));
    }

    [Fact]
    public async Task A_key_that_cannot_be_kept_is_told_so_and_the_call_does_not_run()
    {
        SharedPostgres.Require(PostgresServer.OwnMissing);
        await using var server = await PostgresServer.StartAsync(own: true);
        await using var cluster = new ProcessCluster(await server.CreateDatabaseAsync());
        var (_, one, _, _) = await StartAsync(cluster);

        await server.StopAsync();
        var error = (await one.AnswerAsync("calculator/worker-1/sum", new[] { 1, 2 }, idempotencyKey: "k")).GetProperty("error").GetProperty("data");
        await server.RunAsync();

        Assert.Equal("state_unavailable", error.GetProperty("reason").GetString());
        Assert.Equal(("no", true), (error.GetProperty("executed").GetString(), error.GetProperty("retryable").GetBoolean()));
        await one.HealthWhenAsync("healthy");
        Assert.Equal(1, await CountAsync(one, "k"));
    }

    [Fact]
    public async Task When_its_window_is_over_a_key_is_free_and_leaves_nothing_in_the_database()
    {
        var connection = await postgres.Server.CreateDatabaseAsync();
        await using var database = TestDatabase.Open(connection);
        await using var cluster = new ProcessCluster(connection);
        cluster.Environment["Orrery__Calls__IdempotencyWindow"] = "00:00:02";
        var (_, one, _, _) = await StartAsync(cluster);
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(50));

        Assert.Equal(1, await CountAsync(one, "k"));
        while (await CountAsync(one, "k") == 1)
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        while ((await database.ReadAsync(Kept, TestContext.Current.CancellationToken)).Count > 0)
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<long> CountAsync(RpcClient client, string key)
    {
        var answer = await client.AnswerAsync(Add, idempotencyKey: key);
        Assert.True(answer.TryGetProperty("result", out var result), answer.GetRawText());
        return result.GetInt64();
    }

    private static async Task<(NodeProcess Gateway, RpcClient One, RpcClient Other, NodeProcess Worker)> StartAsync(ProcessCluster cluster)
    {
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1", "--role", "gateway");
        var one = new RpcClient(await gateway.AnswersAsync());
        var other = await cluster.StartGatewayAsync("--node-id", "gateway-2", "--role", "gateway");
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        foreach (var client in new[] { one, other })
        {
            await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("gateway-1", "alive"));
        }

        return (gateway, one, other, worker);
    }
}
