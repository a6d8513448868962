using System.Text.Json;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

public sealed class DurableClusterTests(SharedPostgres postgres)
{
    [Fact]
    public async Task Nodes_find_one_another_through_the_database_and_call_one_another()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await StartThreeAsync(cluster);

        Assert.Equal("Hello, you, from worker-1!", (await client.ResultAsync("greeter/worker-1/greet", new { name = "you" })).GetString());
        var greetings = (await client.ResultAsync("greeter/worker-1/greet_from_all", new { role = "worker" })).EnumerateArray().Select(text => text.GetString()!).ToArray();
        Assert.Contains(greetings, text => text.Contains("worker-1", StringComparison.Ordinal));
        Assert.Contains(greetings, text => text.Contains("worker-2", StringComparison.Ordinal));
        Assert.Equal("healthy", (await client.HealthWhenAsync("healthy")).GetProperty("checks").GetProperty("database").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_killed_node_leaves_every_registry_and_takes_its_place_again_under_the_same_id()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await StartThreeAsync(cluster);
        var first = await StartWorkerAsync(cluster, "worker-3");
        var before = (await client.NodesWhenAsync(nodes => nodes.Has("worker-3", "alive"))).Find("worker-3")!.Value;

        first.Kill();

        foreach (var registry in new[] { "registry/gateway-1/list_nodes", "registry/worker-1/list_nodes", "registry/worker-2/list_nodes" })
        {
            await client.NodesWhenAsync(nodes => nodes.Has("worker-3", "dead"), registry);
        }

        await StartWorkerAsync(cluster, "worker-3");
        var after = (await client.NodesWhenAsync(nodes => nodes.Has("worker-3", "alive"))).Find("worker-3")!.Value;
        Assert.NotEqual(before.GetProperty("port").GetInt32(), after.GetProperty("port").GetInt32());
        Assert.Equal("Hello, you, from worker-3!", (await client.ResultAsync("greeter/worker-3/greet", new { name = "you" })).GetString());
    }

    [Fact]
    public async Task A_second_node_with_the_id_of_a_live_one_refuses_to_start_and_says_who_holds_it()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await StartThreeAsync(cluster);
        var holder = (await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"))).Find("worker-1")!.Value;

        var second = cluster.LaunchNode("--node-id", "worker-1");

        Assert.Equal(78, await second.ExitsAsync());
        Assert.Contains($"'worker-1' is the id of the node at 127.0.0.1:{holder.GetProperty("port").GetInt32()}", second.Output, StringComparison.Ordinal);
        Assert.False(second.Output.Contains("   at ", StringComparison.Ordinal), second.Output);
        var still = (await client.ResultAsync("registry/list_nodes")).EnumerateArray().Find("worker-1")!.Value;
        Assert.Equal(holder.GetProperty("port").GetInt32(), still.GetProperty("port").GetInt32());
        Assert.Equal("alive", still.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Of_two_nodes_that_start_at_the_same_moment_with_one_id_one_wins()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        var twins = new[] { cluster.LaunchNode("--node-id", "twin"), cluster.LaunchNode("--node-id", "twin") };

        var exits = twins.Select(twin => twin.ExitsAsync()).ToArray();
        var loser = Array.IndexOf(exits, await Task.WhenAny(exits));

        Assert.Equal(78, await exits[loser]);
        Assert.Contains("'twin' is the id of the node at", twins[loser].Output, StringComparison.Ordinal);
        await twins[1 - loser].JoinsAsync();
        var twin = (await client.NodesWhenAsync(nodes => nodes.Has("twin", "alive"))).Find("twin")!.Value;
        Assert.Contains($":{twin.GetProperty("port").GetInt32()} is in the cluster", twins[1 - loser].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_clusters_in_one_database_do_not_see_each_other()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var red = new ProcessCluster(database, "red");
        await using var blue = new ProcessCluster(database, "blue");
        var redClient = await red.StartGatewayAsync("--node-id", "gateway-1", "--services", ProcessCluster.HelloServices);
        var blueClient = await blue.StartGatewayAsync("--node-id", "gateway-1", "--services", ProcessCluster.HelloServices);
        await blue.StartNodeAsync("--node-id", "worker-1");
        await blueClient.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        await redClient.ResultAsync("counter/add", new { amount = 5 });

        Assert.Equal(["gateway-1"], (await redClient.ResultAsync("registry/list_nodes")).EnumerateArray().Select(node => node.GetProperty("node_id").GetString()));
        Assert.Equal(5, (await redClient.ResultAsync("counter/get")).GetInt64());
        Assert.Equal(0, (await blueClient.ResultAsync("counter/get")).GetInt64());
    }

    [Fact]
    public async Task A_cluster_that_crashed_as_a_whole_answers_again_on_new_addresses_with_all_that_was_acknowledged()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await StartThreeAsync(cluster);
        var counts = new[] { ("worker-1", 3), ("worker-2", 4) };
        foreach (var (worker, count) in counts)
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(_ => client.ResultAsync($"counter/{worker}/add")));
        }

        await cluster.CrashAsync();
        client = await StartThreeAsync(cluster);

        foreach (var (worker, count) in counts)
        {
            Assert.Equal(count, (await client.ResultAsync($"counter/{worker}/get")).GetInt64());
        }

        Assert.Equal(["alive", "alive", "alive"], (await client.ResultAsync("registry/list_nodes")).EnumerateArray().Select(node => node.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Ten_nodes_that_start_at_once_on_an_empty_database_all_join()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var workers = Enumerable.Range(1, 10).Select(i => cluster.LaunchNode("--node-id", $"worker-{i}")).ToArray();

        foreach (var worker in workers)
        {
            await worker.JoinsAsync();
        }

        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        Assert.Equal(11, (await client.NodesWhenAsync(nodes => nodes.All(node => node.GetProperty("status").GetString() == "alive"))).Length);
    }

    [Fact]
    public async Task A_client_program_finds_the_nodes_in_the_database()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);

        var client = cluster.Add(NodeProcess.Start("samples/HelloClient", "HelloClient", [], cluster.Environment));

        Assert.True(await client.ExitsAsync() == 0, client.Output);
        Assert.Contains("worker-1", client.Output, StringComparison.Ordinal);
    }

    private static async Task<RpcClient> StartThreeAsync(ProcessCluster cluster)
    {
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1", "--role", "gateway");
        var workers = new[] { StartWorkerAsync(cluster, "worker-1"), StartWorkerAsync(cluster, "worker-2") };
        await Task.WhenAll(workers);
        var client = new RpcClient(await gateway.AnswersAsync());
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("worker-2", "alive"));
        return client;
    }

    private static Task<NodeProcess> StartWorkerAsync(ProcessCluster cluster, string nodeId) =>
        cluster.StartNodeAsync("--node-id", nodeId, "--role", "worker", "--services", ProcessCluster.HelloServices);
}
