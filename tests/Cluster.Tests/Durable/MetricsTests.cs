using System.Text.Json;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

public sealed class MetricsTests(SharedPostgres postgres)
{
    private static readonly string[] Workers = ["worker-1", "worker-2", "worker-3"];

    [Fact]
    public async Task Three_workers_report_and_another_coordinator_carries_on_with_the_history()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        var first = await cluster.StartNodeAsync("--node-id", "coordinator-1", "--role", "coordinator");
        var second = await cluster.StartNodeAsync("--node-id", "coordinator-2", "--role", "coordinator");
        foreach (var worker in Workers)
        {
            await cluster.StartNodeAsync("--node-id", worker);
        }

        await client.NodesWhenAsync(nodes => Workers.All(worker => nodes.Has(worker, "alive")) && nodes.Has("coordinator-2", "alive"));
        Assert.Equal("coordinator-1", (await Resolve(client)).GetProperty("node_id").GetString());
        await EverybodyReportsAsync(client);
        var metrics = await client.ResultAsync("metrics_dashboard/coordinator/get_cluster_metrics");
        Assert.Equal(Workers, metrics.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("node_id").GetString()));
        Assert.True(metrics.GetProperty("memory_total_bytes").GetInt64() > 0);
        var before = await SamplesAsync(client);
        Assert.All(before, samples => Assert.True(samples > 0));

        first.Kill();
        await client.NodesWhenAsync(nodes => nodes.Has("coordinator-1", "dead"));
        Assert.Equal("coordinator-2", (await Resolve(client)).GetProperty("node_id").GetString());

        metrics = await client.ResultAsync("metrics_dashboard/coordinator/get_cluster_metrics");
        Assert.Equal(Workers, metrics.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("node_id").GetString()));
        Assert.Equal(before, await SamplesAsync(client));
        await EverybodyReportsAsync(client);
        var after = await SamplesAsync(client);
        Assert.All(Workers, worker => Assert.True(after[Array.IndexOf(Workers, worker)] > before[Array.IndexOf(Workers, worker)]));

        second.Kill();
        await client.NodesWhenAsync(nodes => nodes.Has("coordinator-2", "dead"));
        var sample = (await client.ResultAsync("system/worker-1/get_system_metrics")).GetProperty("timestamp").GetDateTimeOffset();
        await client.UntilAsync("system/worker-1/get_system_metrics", metrics => metrics.GetProperty("timestamp").GetDateTimeOffset() > sample);
        var refused = await client.ErrorAsync("metrics_reporter/worker-1/report_now");
        Assert.Equal(-32000, refused.GetProperty("code").GetInt32());
        Assert.True((await client.ResultAsync("metrics_reporter/worker-1/get_stats")).GetProperty("backlog").GetInt32() > 0);
        await cluster.StartNodeAsync("--node-id", "coordinator-1", "--role", "coordinator");
        await client.UntilAsync("metrics_reporter/worker-1/get_stats", stats => stats.GetProperty("backlog").GetInt32() == 0);
        Assert.True((await SamplesAsync(client))[0] > after[0]);
    }

    [Fact]
    public async Task The_dashboard_controls_services_of_any_node_and_the_node_knows_who_asked()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await cluster.StartNodeAsync("--node-id", "coordinator-1", "--role", "coordinator");
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("coordinator-1", "alive"));

        var stopped = await client.ResultAsync("metrics_dashboard/coordinator/control_service", new { worker_id = "worker-1", service_name = "echo", action = "stop" });

        Assert.Equal("'echo' is now stopped on 'worker-1'.", stopped.GetProperty("message").GetString());
        await worker.SeesAsync(new("The service echo was told to stop by (a caller through gateway-1): done"));
        await client.UntilAsync("metrics_dashboard/coordinator/get_cluster_services", services => Echo(services).GetProperty("running").GetInt32() == 0);
        Assert.Equal(1, Echo(await client.ResultAsync("metrics_dashboard/coordinator/get_cluster_services")).GetProperty("hosts").GetInt32());
        foreach (var (node, service, expected) in new[] { ("worker", "echo", -32602), ("worker-9", "echo", -32602), ("worker-1", "nothing", -32602), ("worker-1", "system", -32000) })
        {
            var error = await client.ErrorAsync("metrics_dashboard/coordinator/control_service", new { worker_id = node, service_name = service, action = "stop" });
            Assert.Equal(expected, error.GetProperty("code").GetInt32());
        }

        static JsonElement Echo(JsonElement services) => services.EnumerateArray().Single(service => service.GetProperty("name").GetString() == "echo");
    }

    private static Task<JsonElement> Resolve(RpcClient client) => client.ResultAsync("registry/resolve", new { address = "metrics_dashboard/coordinator/get_cluster_metrics" });

    // A node has a new sample each second, and a report that it has made already changes nothing.
    private static async Task EverybodyReportsAsync(RpcClient client)
    {
        foreach (var worker in Workers)
        {
            await client.UntilAsync($"metrics_reporter/{worker}/report_now", receipt => receipt.GetProperty("status").GetString() == "accepted");
        }
    }

    private static async Task<int[]> SamplesAsync(RpcClient client)
    {
        var samples = new List<int>();
        foreach (var worker in Workers)
        {
            var history = await client.ResultAsync("metrics_dashboard/coordinator/get_metrics_history", new { node_id = worker, resolution = 1 });
            samples.Add(history.GetProperty("points").EnumerateArray().Sum(point => point.GetProperty("samples").GetInt32()));
        }

        return [.. samples];
    }
}
