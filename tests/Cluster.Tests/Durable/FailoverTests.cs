using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed class FailoverTests(SharedPostgres postgres)
{
    private static readonly string[] Workers = ["worker-1", "worker-2", "worker-3"];

    [Fact]
    public async Task A_worker_is_killed_and_no_call_that_may_run_twice_fails()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, workers) = await StartAsync(cluster);
        await using var load = new CallLoad(client, [.. Enumerable.Repeat("calculator/worker/sum", 40)]);
        await load.UntilAsync(500);

        workers[0].Kill();

        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
        await load.UntilAsync(load.Answered + 500);
        var failures = await load.StopAsync();
        Assert.True(failures.Count == 0, $"{failures.Count} of {load.Answered} calls failed:\n{string.Join('\n', failures.Distinct().Take(5))}");
    }

    [Fact]
    public async Task A_call_whose_caller_was_told_that_its_time_is_up_does_not_run_when_a_frozen_node_wakes_up()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, workers) = await StartAsync(cluster);
        Assert.Equal(1, (await client.ResultAsync("counter/worker-1/add")).GetInt64());

        workers[0].Freeze();
        var late = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.AnswerAsync("counter/worker-1/add", timeoutMs: 500)));
        workers[0].Thaw();

        Assert.All(late, answer => Assert.Equal(-32003, answer.GetProperty("error").GetProperty("code").GetInt32()));
        Assert.Equal(1, (await client.ResultAsync("counter/worker-1/get")).GetInt64());
    }

    [Fact]
    public async Task A_call_to_a_node_is_never_tried_on_another()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, workers) = await StartAsync(cluster);

        workers[0].Kill();
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));

        var error = (await client.AnswerAsync("calculator/worker-1/sum", new[] { 1, 2 })).GetProperty("error");
        Assert.Equal((-32001, "no"), (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("executed").GetString()));
    }

    private static async Task<(RpcClient Client, List<NodeProcess> Workers)> StartAsync(ProcessCluster cluster)
    {
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        var workers = new List<NodeProcess>();
        foreach (var id in Workers)
        {
            workers.Add(await cluster.StartNodeAsync("--node-id", id, "--services", ProcessCluster.HelloServices));
        }

        await client.NodesWhenAsync(nodes => Workers.All(id => nodes.Has(id, "alive")));
        return (client, workers);
    }
}
