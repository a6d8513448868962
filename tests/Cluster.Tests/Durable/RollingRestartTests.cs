using System.Net;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed class RollingRestartTests(SharedPostgres postgres)
{
    private static readonly string[] Gateways = ["gateway-1", "gateway-2"];
    private static readonly string[] Workers = ["worker-1", "worker-2", "worker-3"];

    [Fact]
    public async Task All_nodes_are_restarted_one_after_the_other_and_no_call_is_lost_or_runs_twice()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var nodes = new Dictionary<string, NodeProcess>();
        var clients = new Dictionary<string, RpcClient>();
        foreach (var id in (string[])[.. Gateways, .. Workers])
        {
            await StartAsync(id);
        }

        await using var load = new GatewayLoad(HttpVersion.Version11, 60, "greeter/worker/greet", Addresses());
        await using var counting = new GatewayLoad(HttpVersion.Version20, 20, "counter/worker/add", Addresses());
        foreach (var id in (string[])[.. Workers, .. Gateways])
        {
            nodes[id].Terminate();
            Assert.Equal(0, await nodes[id].ExitsAsync());
            await StartAsync(id);
            load.Use(Addresses());
            counting.Use(Addresses());
            await load.GoesOnAsync(100);
        }

        string[] failures = [.. await load.StopAsync(), .. await counting.StopAsync()];
        Assert.True(failures.Length == 0, $"{failures.Length} of {load.Answered + counting.Answered} calls failed:\n{string.Join('\n', failures.Take(5))}");
        var counts = await clients[Gateways[0]].ResultAsync("counter/@all:worker/get");
        Assert.Equal(counting.Answered, counts.EnumerateArray().Sum(node => node.GetProperty("result").GetInt64()));

        Uri[] Addresses() => [.. Gateways.Select(id => clients[id].Address)];

        async Task StartAsync(string id)
        {
            if (Gateways.Contains(id))
            {
                nodes[id] = cluster.LaunchGateway("--node-id", id, "--role", "gateway");
                clients[id] = new RpcClient(await nodes[id].AnswersAsync());
            }
            else
            {
                nodes[id] = await cluster.StartNodeAsync("--node-id", id, "--services", ProcessCluster.HelloServices);
            }

            foreach (var client in clients.Values)
            {
                await client.NodesWhenAsync(known => nodes.Keys.All(each => known.Has(each, "alive")));
            }
        }
    }
}
