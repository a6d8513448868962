using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed class FailureDetectionTests(SharedPostgres postgres)
{
    [Fact]
    public async Task A_node_that_hangs_leaves_the_registry_and_ends_itself_when_it_wakes_up()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, worker, gateway) = await StartAsync(cluster);

        worker.Freeze();
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
        worker.Thaw();

        Assert.Equal(70, await worker.ExitsAsync());
        Assert.Contains("This node can't go on and ends", worker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("gateway-1 at", gateway.Output.Split('\n').LastOrDefault(line => line.Contains("is Dead", StringComparison.Ordinal)) ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_pauses_for_four_seconds_is_not_thrown_out_and_answers_what_waited()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, worker, gateway) = await StartAsync(cluster);

        worker.Freeze();
        var waiting = client.ResultAsync("calculator/worker-1/sum", new[] { 1, 2, 4 });
        await Failures.LastAsync(TimeSpan.FromSeconds(4));
        worker.Thaw();

        Assert.Equal(7, (await waiting).GetInt32());
        await IsUndisturbedAsync(client, gateway);
    }

    [Fact]
    public async Task A_gateway_that_pauses_for_four_seconds_is_not_thrown_out()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, worker, gateway) = await StartAsync(cluster);

        gateway.Freeze();
        await Failures.LastAsync(TimeSpan.FromSeconds(4));
        gateway.Thaw();

        Assert.Equal(7, (await client.ResultAsync("calculator/worker-1/sum", new[] { 1, 2, 4 })).GetInt32());
        Assert.DoesNotContain("gateway-1 at 127.0.0.1", worker.Output.Split('\n').LastOrDefault(line => line.Contains("is Dead", StringComparison.Ordinal)) ?? "", StringComparison.Ordinal);
        await IsUndisturbedAsync(client, gateway);
    }

    [Fact]
    public async Task A_node_whose_processors_are_all_taken_is_not_thrown_out()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, _, gateway) = await StartAsync(cluster);
        await using var load = new CallLoad(client, "calculator/worker-1/sum");

        var busy = Enumerable.Range(0, Environment.ProcessorCount * 2).Select(_ => cluster.Add(NodeProcess.Start("timeout", ["12", "sh", "-c", "while :; do :; done"]))).ToArray();
        await Task.WhenAll(busy.Select(process => process.ExitsAsync()));

        Assert.Empty(await load.StopAsync());
        await IsUndisturbedAsync(client, gateway);
    }

    [Fact]
    public async Task Two_nodes_that_are_killed_at_once_leave_the_registry_and_the_others_stay()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, first, _) = await StartAsync(cluster);
        var second = await cluster.StartNodeAsync("--node-id", "worker-2", "--role", "worker");
        await cluster.StartNodeAsync("--node-id", "worker-3", "--role", "worker");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "alive") && nodes.Has("worker-3", "alive"));

        first.Kill();
        second.Kill();

        var nodes = await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead") && nodes.Has("worker-2", "dead"));
        Assert.True(nodes.Has("worker-3", "alive"));
        Assert.Equal("worker-3", (await client.ResultAsync("system/worker/get_system_info")).GetProperty("node_id").GetString());
    }

    [Fact]
    public async Task A_node_that_was_stopped_leaves_without_a_trace()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var (client, worker, gateway) = await StartAsync(cluster);

        worker.Terminate();

        Assert.Equal(0, await worker.ExitsAsync());
        Assert.Equal(["gateway-1"], (await client.NodesWhenAsync(nodes => nodes.Length == 1)).Select(node => node.GetProperty("node_id").GetString()));
        Assert.DoesNotContain("is gone", gateway.Output, StringComparison.Ordinal);
    }

    private static async Task<(RpcClient Client, NodeProcess Worker, NodeProcess Gateway)> StartAsync(ProcessCluster cluster)
    {
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1", "--role", "gateway");
        var client = new RpcClient(await gateway.AnswersAsync());
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--role", "worker", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        return (client, worker, gateway);
    }

    private static async Task IsUndisturbedAsync(RpcClient client, NodeProcess gateway)
    {
        Assert.DoesNotContain("is Dead", gateway.Output, StringComparison.Ordinal);
        Assert.True((await client.ResultAsync("registry/list_nodes")).EnumerateArray().All(node => node.GetProperty("status").GetString() == "alive"));
    }
}
