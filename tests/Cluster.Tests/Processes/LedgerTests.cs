namespace Orrery.Cluster.Tests.Processes;

public sealed class LedgerTests
{
    [Fact]
    public async Task Every_node_counts_what_any_node_appended()
    {
        await using var cluster = new ProcessCluster();
        var client = await StartAsync(cluster);

        Assert.Equal(1, await NumberAsync("ledger/worker-1/append", new { entry_id = "01" }));
        Assert.Equal(2, await NumberAsync("ledger/gateway-1/append", new { entry_id = "01" }));
        Assert.Equal(1, await NumberAsync("ledger/worker-1/append", new { entry_id = "1" }));

        foreach (var node in new[] { "gateway-1", "worker-1" })
        {
            Assert.Equal(2, await NumberAsync($"ledger/{node}/count", new { entry_id = "01" }));
            Assert.Equal(0, await NumberAsync($"ledger/{node}/count", new { entry_id = "never" }));
            Assert.Equal(3, await NumberAsync($"ledger/{node}/total"));
        }

        async Task<int> NumberAsync(string method, object? parameters = null) => (await client.ResultAsync(method, parameters)).GetInt32();
    }

    [Fact]
    public async Task Appends_of_one_entry_on_two_nodes_at_once_are_all_counted()
    {
        await using var cluster = new ProcessCluster();
        var client = await StartAsync(cluster);

        var counts = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => client.ResultAsync($"ledger/{(i % 2 == 0 ? "gateway-1" : "worker-1")}/append", new { entry_id = "busy" })));

        Assert.Equal(Enumerable.Range(1, 40), counts.Select(count => count.GetInt32()).Order());
        Assert.Equal(40, (await client.ResultAsync("ledger/total")).GetInt32());
    }

    [Fact]
    public async Task An_entry_id_that_is_none_is_refused()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--services", ProcessCluster.HelloServices);

        foreach (var entryId in new[] { "", "a\0b", new string('a', 201) })
        {
            var error = await client.ErrorAsync("ledger/append", new { entry_id = entryId });
            Assert.Equal((-32602, "invalid_parameter"), (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("reason").GetString()));
        }
    }

    private static async Task<RpcClient> StartAsync(ProcessCluster cluster)
    {
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--services", ProcessCluster.HelloServices);
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        return client;
    }
}
