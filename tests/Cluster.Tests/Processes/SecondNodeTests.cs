using Orrery.Rpc.Hosting;

namespace Orrery.Cluster.Tests.Processes;

public sealed class SecondNodeTests
{
    [Fact]
    public async Task A_second_node_answers_by_its_id_and_by_its_role_and_leaves_when_it_is_stopped()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--role", "worker", "--capability", "gpu");
        var nodes = await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        Assert.Equal(2, nodes.Length);
        var node = nodes.Find("worker-1")!.Value;
        Assert.Equal("gpu", node.GetProperty("capabilities")[0].GetString());
        Assert.True(node.GetProperty("port").GetInt32() > 0);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, node.GetProperty("url").ValueKind);
        Assert.True(node.GetProperty("started_at").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
        Assert.NotNull(node.GetProperty("version").GetString());
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("worker-1", (await client.ResultAsync("system/worker-1/get_system_info")).GetProperty("node_id").GetString());
            Assert.Equal("worker-1", (await client.ResultAsync("system/worker/get_system_info")).GetProperty("node_id").GetString());
        }

        worker.Terminate();

        Assert.Equal(0, await worker.ExitsAsync());
        await client.NodesWhenAsync(nodes => nodes.Find("worker-1") is null);
    }

    [Fact]
    public async Task A_killed_node_is_listed_as_dead_and_calls_to_it_say_so_at_once()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1");
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--role", "worker", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        Assert.Equal(7, (await client.ResultAsync("calculator/worker-1/sum", new[] { 1, 2, 4 })).GetInt32());

        worker.Kill();

        // Until the others have noticed, a call may still be sent; it never succeeds and never runs elsewhere.
        var meanwhile = await client.ErrorAsync("calculator/worker-1/sum", new[] { 1, 2, 4 });
        Assert.Contains(meanwhile.GetProperty("code").GetInt32(), new[] { -32001, -32002 });
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
        var byId = await client.ErrorAsync("calculator/worker-1/sum", new[] { 1, 2, 4 });
        var anywhere = await client.ErrorAsync("calculator/sum", new[] { 1, 2, 4 });
        Assert.Equal((-32001, "unknown_node"), (byId.GetProperty("code").GetInt32(), byId.GetProperty("data").GetProperty("reason").GetString()));
        Assert.Equal((-32001, "no_node_hosts_service"), (anywhere.GetProperty("code").GetInt32(), anywhere.GetProperty("data").GetProperty("reason").GetString()));
        Assert.Equal("gateway-1", (await client.ResultAsync("system/worker/get_system_info")).GetProperty("node_id").GetString());
    }

    [Fact]
    public async Task A_call_to_a_node_that_goes_away_before_it_answers_says_that_it_may_have_run()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--role", "worker", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        Assert.Equal(7, (await client.ResultAsync("calculator/worker-1/sum", new[] { 1, 2, 4 })).GetInt32());

        worker.Freeze();
        var error = await client.ErrorAsync("calculator/worker-1/sum", new[] { 1, 2, 4 });

        var data = error.GetProperty("data");
        Assert.Equal((-32002, "node_unavailable", "maybe"), (error.GetProperty("code").GetInt32(), data.GetProperty("reason").GetString(), data.GetProperty("executed").GetString()));
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
    }

    [Fact]
    public async Task A_second_gateway_joins_the_first_and_both_reach_every_service()
    {
        await using var cluster = new ProcessCluster();
        var one = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--services", ProcessCluster.HelloServices);
        var second = cluster.Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", ["--urls", "http://127.0.0.1:0", "--node-id", "gateway-2", "--role", "gateway", .. cluster.NodeArguments]));
        var other = new RpcClient(await second.AnswersAsync());
        await one.NodesWhenAsync(nodes => nodes.Has("gateway-2", "alive"));

        Assert.Equal(19, (await other.ResultAsync("calculator/subtract", new[] { 42, 23 })).GetInt32());
        Assert.Equal("gateway-2", (await one.ResultAsync("system/gateway-2/get_system_info")).GetProperty("node_id").GetString());
    }

    [Fact]
    public async Task A_second_node_with_the_id_of_a_live_one_refuses_to_start_without_a_database_too()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        await cluster.StartNodeAsync("--node-id", "worker-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        var second = cluster.LaunchNode("--node-id", "worker-1");

        Assert.Equal(78, await second.ExitsAsync());
        Assert.Contains("'worker-1' is the id of the node at 127.0.0.1:", second.Output, StringComparison.Ordinal);
        Assert.True((await client.ResultAsync("registry/list_nodes")).EnumerateArray().Has("worker-1", "alive"));
    }

    [Fact]
    public async Task Nodes_at_addresses_of_their_own_find_one_another()
    {
        await using var cluster = new ProcessCluster();
        var seed = LoopbackPort.Free();
        string[] args = ["--urls", "http://127.0.0.1:0", "--address", "127.0.0.2", "--seed", $"127.0.0.2:{seed}", "--silo-port", $"{seed}", "--client-port", $"{cluster.ClientPort}"];
        var gateway = cluster.Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", args));
        var client = new RpcClient(await gateway.AnswersAsync());
        var worker = cluster.Add(NodeProcess.Start("src/Silo", "Orrery.Silo", ["--node-id", "worker-1", "--address", "127.0.0.3", "--seed", $"127.0.0.2:{seed}"]));
        await worker.JoinsAsync();

        var nodes = await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        Assert.Equal("127.0.0.3", nodes.Find("worker-1")!.Value.GetProperty("address").GetString());
        Assert.Equal("worker-1", (await client.ResultAsync("system/worker-1/ping")).GetProperty("node_id").GetString());
    }

    [Fact]
    public async Task A_node_waits_for_its_seed_and_says_so()
    {
        await using var cluster = new ProcessCluster();
        var worker = cluster.Add(NodeProcess.Start("src/Silo", "Orrery.Silo", [.. cluster.NodeArguments, "--node-id", "worker-1"]));
        await worker.SeesAsync(new("(worker-1) waits for the seed node at 127.0.0.1:.*--seed"));

        var client = await cluster.StartGatewayAsync();

        await worker.JoinsAsync();
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
    }

    [Fact]
    public async Task A_node_of_another_cluster_is_not_let_in_and_says_what_to_look_at()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        var stranger = cluster.Add(NodeProcess.Start("src/Silo", "Orrery.Silo", [.. cluster.NodeArguments, "--node-id", "stranger", "--cluster-id", "other"]));

        await stranger.SeesAsync(new("(stranger) reaches the seed node at .* 'other'.*--cluster-id"));

        Assert.Single((await client.ResultAsync("registry/list_nodes")).EnumerateArray());
        stranger.Terminate();
        Assert.Equal(0, await stranger.ExitsAsync());
    }

    [Fact]
    public async Task A_node_whose_seed_came_back_without_the_membership_ends_with_one_line()
    {
        await using var cluster = new ProcessCluster();
        var seed = cluster.Add(NodeProcess.Start("src/Gateway", "Orrery.Gateway", cluster.GatewayArguments));
        await seed.AnswersAsync();
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1");

        seed.Kill();
        await seed.ExitsAsync();
        await cluster.StartGatewayAsync();

        Assert.Equal(70, await worker.ExitsAsync());
        Assert.True(worker.Output.Contains("This node can't go on and ends", StringComparison.Ordinal), $"The node did not say why it ends. It printed:\n{worker.Output}");
    }
}
