using System.Text.Json;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

public sealed class ServiceControlTests(SharedPostgres postgres)
{
    [Fact]
    public async Task A_service_is_restarted_stopped_and_started_from_another_node_and_each_call_has_its_answer()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await StartAsync(cluster);
        await using var toAny = new CallLoad(client, "greeter/worker/greet", "greeter/worker/greet", "guestbook/worker/latest");
        await using (var toOne = new CallLoad(client, "greeter/worker-1/greet", "greeter/worker-1/greet"))
        {
            for (var i = 0; i < 5; i++)
            {
                var restarted = await Control(client, "greeter", "restart");
                Assert.Equal("running", restarted.GetProperty("service").GetProperty("status").GetString());
            }

            Assert.Empty(await toOne.StopAsync());
            Assert.True(toOne.Answered > 0);
        }

        await Control(client, "greeter", "stop");
        await using (var toOne = new CallLoad(client, "greeter/worker-1/greet"))
        {
            await toOne.UntilAsync(answered: 50);
            var refused = await toOne.StopAsync();
            Assert.Equal(toOne.Answered, refused.Count);
            Assert.All(refused, answer => Assert.Contains("\"code\":-32007,", answer, StringComparison.Ordinal));
            Assert.All(refused, answer => Assert.Contains("\"executed\":\"no\"", answer, StringComparison.Ordinal));
        }

        await Control(client, "greeter", "start");
        await using (var toOne = new CallLoad(client, "greeter/worker-1/greet"))
        {
            await toOne.UntilAsync(answered: 50);
            Assert.Empty(await toOne.StopAsync());
        }

        Assert.Empty(await toAny.StopAsync());
        Assert.True(toAny.Answered > 100);
    }

    [Fact]
    public async Task A_service_that_was_stopped_stays_so_when_its_node_is_killed_and_comes_back()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        var worker = await StartWorkerAsync(cluster, "worker-1");
        await StartWorkerAsync(cluster, "worker-2");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("worker-2", "alive"));
        await Control(client, "greeter", "stop");

        worker.Kill();
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
        worker = await StartWorkerAsync(cluster, "worker-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        var error = await client.ErrorAsync("greeter/worker-1/greet");
        Assert.Equal((-32007, "service_stopped"), (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("reason").GetString()));
        Assert.Contains("The service greeter is still stopped: stopped by a caller through gateway-1", worker.Output, StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("Hello, world, from worker-2!", (await client.ResultAsync("greeter/worker/greet")).GetString());
        }

        await Control(client, "greeter", "start");
        Assert.Equal("Hello, world, from worker-1!", (await client.ResultAsync("greeter/worker-1/greet")).GetString());
    }

    [Fact]
    public async Task A_stop_that_can_not_be_kept_does_not_happen()
    {
        SharedPostgres.Require(PostgresServer.OwnMissing);
        await using var server = await PostgresServer.StartAsync(own: true);
        await using var cluster = new ProcessCluster(await server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await StartWorkerAsync(cluster, "worker-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        await server.StopAsync();
        var error = await client.ErrorAsync("orchestrator/worker-1/control_service", new { service_name = "greeter", action = "stop" });

        Assert.Equal((-32603, "state_unavailable"), (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("reason").GetString()));
        Assert.Equal("Hello, world, from worker-1!", (await client.ResultAsync("greeter/worker-1/greet")).GetString());
    }

    [Fact]
    public async Task A_call_to_all_workers_says_which_one_is_dead_or_hangs()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await StartWorkerAsync(cluster, "worker-1");
        var hanging = await StartWorkerAsync(cluster, "worker-2");
        var dying = await StartWorkerAsync(cluster, "worker-3");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("worker-2", "alive") && nodes.Has("worker-3", "alive"));
        Assert.Equal(["worker-1", "worker-2", "worker-3"], Ids(await client.ResultAsync("guestbook/@all:worker/latest")));
        Assert.Equal("worker-2", (await client.ResultAsync("guestbook/worker-1/sign_on", new { node_id = "worker-2", name = "me" })).GetProperty("node_id").GetString());
        Assert.Equal("worker-1", (await client.ResultAsync("guestbook/worker-1/sign", new { name = "you" })).GetProperty("node_id").GetString());
        Assert.NotEqual(JsonValueKind.Undefined, (await client.ResultAsync("guestbook/any_latest")).ValueKind);
        var tooLong = await client.ErrorAsync("guestbook/worker-1/sign", new { name = new string('x', 101) });
        Assert.Equal(-32602, tooLong.GetProperty("code").GetInt32());

        dying.Kill();
        var answers = (await client.ResultAsync("guestbook/@all:worker/latest")).EnumerateArray().ToDictionary(answer => answer.GetProperty("node_id").GetString()!);
        Assert.True(answers["worker-1"].TryGetProperty("result", out _));
        Assert.True(answers["worker-2"].TryGetProperty("result", out _));
        Assert.True(!answers.TryGetValue("worker-3", out var dead) || dead.GetProperty("error").GetProperty("code").GetInt32() is -32001 or -32002, $"{dead}");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-3", "dead"));
        Assert.Equal(["worker-1", "worker-2"], Ids(await client.ResultAsync("guestbook/@all:worker/latest")));

        hanging.Freeze();
        var census = await client.ResultAsync("guestbook/worker-1/count_everywhere");
        hanging.Thaw();
        Assert.Equal(1, census.GetProperty("entries").GetProperty("worker-1").GetInt32());
        Assert.Equal("No answer came in time. The method may have run.", census.GetProperty("silent").GetProperty("worker-2").GetString());
    }

    private static async Task<RpcClient> StartAsync(ProcessCluster cluster)
    {
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await StartWorkerAsync(cluster, "worker-1");
        await StartWorkerAsync(cluster, "worker-2");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("worker-2", "alive"));
        return client;
    }

    private static Task<NodeProcess> StartWorkerAsync(ProcessCluster cluster, string id) => cluster.StartNodeAsync("--node-id", id, "--services", ProcessCluster.HelloServices);

    private static Task<JsonElement> Control(RpcClient client, string service, string action) =>
        client.ResultAsync("orchestrator/worker-1/control_service", new { service_name = service, action });

    private static IEnumerable<string?> Ids(JsonElement answers) => answers.EnumerateArray().Select(answer => answer.GetProperty("node_id").GetString());
}
