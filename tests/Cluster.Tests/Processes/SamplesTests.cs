namespace Orrery.Cluster.Tests.Processes;

public sealed class SamplesTests
{
    [Fact]
    public async Task Services_from_a_folder_are_hosted_by_either_host()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--services", ProcessCluster.HelloServices);
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        Assert.Equal(19, (await client.ResultAsync("calculator/subtract", new { minuend = 42, subtrahend = 23 })).GetInt32());
        var said = await client.ResultAsync("echo/worker-1/say", new { text = "hello", n = long.MaxValue - 1 });
        Assert.Equal(("hello", long.MaxValue), (said.GetProperty("text").GetString(), said.GetProperty("n").GetInt64()));
        Assert.Equal(6, (await client.ResultAsync("greeter/worker-1/greet_from_all", new { role = "worker" })).GetArrayLength());
    }

    [Fact]
    public async Task A_gateway_without_the_services_reaches_them_on_another_node()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync();
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        Assert.Equal("Hello, you, from worker-1!", (await client.ResultAsync("greeter/greet", new { name = "you" })).GetString());
        var services = await client.ResultAsync("registry/list_services");
        var subtract = services.EnumerateArray().Single(service => service.GetProperty("name").GetString() == "calculator")
            .GetProperty("methods").EnumerateArray().Single(method => method.GetProperty("name").GetString() == "subtract");
        Assert.Equal("minuend", subtract.GetProperty("parameters")[0].GetProperty("name").GetString());
        Assert.True(subtract.GetProperty("public").GetBoolean());
    }

    [Fact]
    public async Task A_gateway_of_ones_own_is_a_few_lines()
    {
        await using var cluster = new ProcessCluster();
        var own = cluster.Add(NodeProcess.Start("samples/OwnGateway", "OwnGateway", cluster.GatewayArguments));
        var client = new RpcClient(await own.AnswersAsync());

        Assert.Equal("/api/rpc", client.Address.AbsolutePath);
        Assert.Equal(7, (await client.ResultAsync("calculator/sum", new[] { 1, 2, 4 })).GetInt32());
    }

    [Fact]
    public async Task A_client_program_calls_typed_by_address_and_dynamically()
    {
        await using var cluster = new ProcessCluster();
        await cluster.StartGatewayAsync("--services", ProcessCluster.HelloServices, "--node-id", "gateway-1");
        await using var client = NodeProcess.Start("samples/HelloClient", "HelloClient", [], new Dictionary<string, string> { ["Orrery__Nodes"] = $"127.0.0.1:{cluster.ClientPort}" });

        Assert.Equal(0, await client.ExitsAsync());

        foreach (var line in new[] { "node gateway-1: calculator, counter, echo, greeter, guestbook, ledger, metrics_dashboard, metrics_reporter, orchestrator, registry, system", "typed: 19", "by address: 19", "dynamic: hello 2", "error -32001: " })
        {
            Assert.Contains(line, client.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_program_waits_for_its_cluster_and_says_so()
    {
        await using var cluster = new ProcessCluster();
        await using var client = NodeProcess.Start("samples/HelloClient", "HelloClient", [], new Dictionary<string, string> { ["Orrery__Nodes"] = $"127.0.0.1:{cluster.ClientPort}" });
        await client.SeesAsync(new("(No node) of the cluster can be reached"));

        await cluster.StartGatewayAsync("--services", ProcessCluster.HelloServices);

        Assert.Equal(0, await client.ExitsAsync());
    }
}
