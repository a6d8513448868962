using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed class DatabaseOutageTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private ProcessCluster? _cluster;

    private PostgresServer Server => _server!;

    private ProcessCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        SharedPostgres.Require(PostgresServer.OwnMissing);
        _server = await PostgresServer.StartAsync(own: true);
        _cluster = new ProcessCluster(await _server.CreateDatabaseAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await Cluster.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_call_fails_while_the_database_is_away_for_thirty_seconds_and_health_shows_it()
    {
        var (client, _) = await StartAsync("worker-1", "worker-2");
        await client.ResultAsync("counter/worker-1/add");
        await using var load = new CallLoad(client, "calculator/worker-1/sum", "calculator/worker-2/sum", "calculator/worker/sum", "counter/worker-1/get", "registry/list_nodes");

        await Server.StopAsync();
        var health = await client.HealthWhenAsync("degraded");
        await Failures.LastAsync(TimeSpan.FromSeconds(30));
        await Server.RunAsync();
        await client.HealthWhenAsync("healthy");

        Assert.Equal("degraded", health.GetProperty("checks").GetProperty("database").GetProperty("status").GetString());
        Assert.Equal("healthy", health.GetProperty("checks").GetProperty("cluster").GetProperty("status").GetString());
        Assert.Empty(await load.StopAsync());
        Assert.True(load.Answered > 1000, $"Only {load.Answered} calls were made.");
        Assert.Equal(3, (await client.ResultAsync("registry/list_nodes")).EnumerateArray().Count(node => node.GetProperty("status").GetString() == "alive"));
    }

    [Fact]
    public async Task No_call_fails_while_the_database_hangs()
    {
        var (client, _) = await StartAsync("worker-1");
        await using var load = new CallLoad(client, "calculator/worker-1/sum", "registry/list_nodes");

        await Server.FreezeAsync();
        await client.HealthWhenAsync("degraded");
        await Failures.LastAsync(TimeSpan.FromSeconds(12));
        await Server.ThawAsync();
        await client.HealthWhenAsync("healthy");

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task A_node_that_is_killed_while_the_database_is_away_is_routed_past_and_its_callers_are_told()
    {
        var (client, workers) = await StartAsync("worker-1", "worker-2");
        await Server.StopAsync();
        await client.HealthWhenAsync("degraded");
        workers[0].Freeze();
        var pending = Enumerable.Range(0, 5).Select(_ => client.ErrorAsync("calculator/worker-1/sum", new[] { 1 })).ToArray();
        // Never called before: to find them, nobody asks the node that hangs.
        Assert.Equal(1, (await client.ResultAsync("calculator/worker-2/sum", new[] { 1 })).GetInt32());
        await client.ResultAsync("greeter/worker-2/greet");
        await client.ResultAsync("echo/worker-2/say", new { text = "hello", n = 1 });
        await client.ResultAsync("system/worker-2/get_system_info");

        workers[0].Kill();

        foreach (var error in await Task.WhenAll(pending))
        {
            Assert.Contains(error.GetProperty("code").GetInt32(), new[] { -32001, -32002 });
        }

        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(1, (await client.ResultAsync("calculator/worker/sum", new[] { 1 })).GetInt32());
        }

        Assert.Equal(-32001, (await client.ErrorAsync("calculator/worker-1/sum", new[] { 1 })).GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_node_that_starts_while_the_database_is_away_waits_says_so_and_joins_when_it_is_back()
    {
        var (client, _) = await StartAsync("worker-1");
        await Server.StopAsync();
        var late = Cluster.LaunchNode("--node-id", "worker-2");
        await late.SeesAsync(new("(worker-2) waits for the database .* at 127.0.0.1:"));

        await Server.RunAsync();

        await late.JoinsAsync();
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "alive"));
    }

    [Fact]
    public async Task A_write_that_failed_is_reported_and_one_that_was_acknowledged_is_kept()
    {
        var (client, workers) = await StartAsync("worker-1");
        Assert.Equal(2, (await client.ResultAsync("counter/worker-1/add", new { amount = 2 })).GetInt64());

        await Server.StopAsync();
        var written = await client.ErrorAsync("counter/worker-1/add", new { amount = 100 });
        var read = await client.ErrorAsync("counter/gateway-1/get");
        Assert.Equal(2, (await client.ResultAsync("counter/worker-1/get")).GetInt64());
        await Server.RunAsync();
        await client.HealthWhenAsync("healthy");

        Assert.Equal((-32603, "state_unavailable", "yes"), Outcome(written));
        Assert.Equal((-32603, "state_unavailable", "no"), Outcome(read));
        Assert.Equal(5, (await client.ResultAsync("counter/worker-1/add", new { amount = 3 })).GetInt64());
        workers[0].Kill();
        await Cluster.StartNodeAsync("--node-id", "worker-1", "--role", "worker", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        Assert.Equal(5, (await client.ResultAsync("counter/worker-1/get")).GetInt64());
    }

    [Fact]
    public async Task The_first_write_after_the_database_is_back_does_not_meet_a_connection_from_before()
    {
        var (client, _) = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.ResultAsync("counter/gateway-1/add")));

        await Server.StopAsync();
        await client.HealthWhenAsync("degraded");
        await Server.RunAsync();
        await client.HealthWhenAsync("healthy");

        Assert.Equal(6, (await client.ResultAsync("counter/gateway-1/add")).GetInt64());
    }

    private static (int Code, string? Reason, string? Executed) Outcome(System.Text.Json.JsonElement error) =>
        (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("reason").GetString(), error.GetProperty("data").GetProperty("executed").GetString());

    private async Task<(RpcClient Client, NodeProcess[] Workers)> StartAsync(params string[] workers)
    {
        var client = await Cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway", "--services", ProcessCluster.HelloServices);
        var nodes = await Task.WhenAll(workers.Select(worker => Cluster.StartNodeAsync("--node-id", worker, "--role", "worker", "--services", ProcessCluster.HelloServices)));
        await client.NodesWhenAsync(list => workers.All(worker => list.Has(worker, "alive")));
        return (client, nodes);
    }
}
