using Orrery.Cluster.Tests.Durable;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Cluster.Tests.Versions;

[Collection(nameof(Failures))]
public sealed class UpgradeTests
{
    private static readonly string[] Stocks = ["stock-1", "stock-2", "stock-3"];

    [Fact]
    public async Task A_roll_to_the_next_version_and_back_loses_no_call()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        var nodes = new Dictionary<string, NodeProcess>();
        foreach (var id in Stocks)
        {
            await StartAsync(id, "worker", "One");
        }

        await StartAsync("desk-1", "desk", "One");
        await StartAsync("desk-2", "desk", "Two");
        var goods = new { sku = "tea", quantity = 1 };
        var order = new { target = "worker", sku = "tea", quantity = 1 };
        await using var load = new CallLoad(client, ("stock/worker/reserve", goods), ("stock/reserve", goods), ("stock/@all:worker/reserve", goods), ("desk/desk-1/order", order), ("desk/desk-2/order", order));

        await ReplaceAsync(Stocks[0], "Two");
        await using (var next = new CallLoad(
            client,
            ("stock/worker/release", goods),
            ("stock/worker/reserve", new { sku = "tea", quantity = 1, customer = "Eve" }),
            ("desk/desk-2/return", order),
            ("desk/desk-2/order", new { target = "worker", sku = "tea", quantity = 1, customer = "Eve" })))
        {
            await ReplaceAsync(Stocks[1], "Two");
            await ReplaceAsync(Stocks[2], "Two");
            await ReplaceAsync(Stocks[2], "One");
            await ReplaceAsync(Stocks[1], "One");
            Assert.Empty(await next.StopAsync());
            Assert.NotEqual(0, next.Answered);
        }

        await ReplaceAsync(Stocks[0], "One");
        Assert.Empty(await load.StopAsync());

        async Task ReplaceAsync(string id, string version)
        {
            nodes[id].Terminate();
            Assert.Equal(0, await nodes[id].ExitsAsync());
            await StartAsync(id, "worker", version);
            await load.UntilAsync(load.Answered + 100);
        }

        async Task StartAsync(string id, string role, string version)
        {
            nodes[id] = await cluster.StartNodeAsync("--node-id", id, "--role", role, "--services", MixedCluster.Services(version));
            // The gateway first: it can't ask a node that it does not know.
            foreach (var known in (string[])["gateway-1", .. nodes.Keys])
            {
                await client.NodesWhenAsync(all => nodes.Keys.All(each => all.Has(each, "alive")), $"registry/{known}/list_nodes");
            }
        }
    }
}
