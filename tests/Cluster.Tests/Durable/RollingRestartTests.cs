using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed class RollingRestartTests(SharedPostgres postgres)
{
    [Fact]
    public async Task Workers_are_restarted_one_after_the_other_and_no_call_is_lost()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        string[] ids = ["worker-1", "worker-2", "worker-3"];
        var workers = new List<NodeProcess>();
        foreach (var id in ids)
        {
            workers.Add(await StartAsync(cluster, id));
        }

        await client.NodesWhenAsync(nodes => ids.All(id => nodes.Has(id, "alive")));
        await using var load = new CallLoad(client, [.. Enumerable.Repeat("greeter/worker/greet", 60), .. Enumerable.Repeat("counter/worker/add", 20)]);
        foreach (var (i, id) in ids.Index())
        {
            workers[i].Terminate();
            Assert.Equal(0, await workers[i].ExitsAsync());
            await StartAsync(cluster, id);
            await client.NodesWhenAsync(nodes => nodes.Has(id, "alive"));
        }

        var failures = await load.StopAsync();
        Assert.True(failures.Count == 0, $"{failures.Count} of {load.Answered} calls failed:\n{string.Join('\n', failures.Distinct().Take(5))}");
        Assert.True(load.Answered > 1000);
    }

    private static Task<NodeProcess> StartAsync(ProcessCluster cluster, string id) => cluster.StartNodeAsync("--node-id", id, "--services", ProcessCluster.HelloServices);
}
