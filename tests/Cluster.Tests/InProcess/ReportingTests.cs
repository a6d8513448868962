using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsReporter;
using Orrery.Grains.SystemService;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class ReportingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_reports_by_itself_and_delivers_what_it_kept_when_the_coordinator_is_back()
    {
        var ports = new ClusterPorts();
        await using var gateway = await TestNode.StartAsync(ports, "gateway-1", "gateway", isSeed: true);
        await using var worker = await TestNode.StartAsync(ports, "worker-1", "worker");
        await gateway.SeesAsync("gateway-1", "worker-1");

        // Nobody takes reports yet.
        await gateway.Registry.WaitUntilAsync(
            registry => registry.Services.Single(service => service.Name == "metrics_reporter").Nodes.Single() is { Health: ServiceHealth.Degraded } reporter
                && reporter.Reason!.StartsWith("the coordinator does not take reports, which are kept: ", StringComparison.Ordinal),
            Token);
        var error = await Assert.ThrowsAsync<RpcException>(() => gateway.Proxy.Call("metrics_reporter/worker-1/report_now", cancellationToken: Token));
        Assert.StartsWith("The coordinator did not take the report.", error.Message, StringComparison.Ordinal);
        Assert.True((await StatsAsync(gateway)).Backlog > 0);

        await using var coordinator = await TestNode.StartAsync(ports, "coordinator-1", "coordinator");
        await gateway.Registry.WaitUntilAsync(
            registry => registry.Services.Single(service => service.Name == "metrics_reporter").Nodes.Single() is { Health: ServiceHealth.Healthy },
            Token);

        var stats = await StatsAsync(gateway);
        Assert.Equal(("worker-1", 0, 0, null), (stats.NodeId, stats.Backlog, stats.ConsecutiveFailures, stats.LastError));
        var history = await gateway.Proxy.Get<IMetricsDashboard>("coordinator").GetMetricsHistory("worker-1", resolution: 1, cancellationToken: Token);
        // Two reports of one sample are one.
        Assert.InRange(history.Points.Sum(point => point.Samples), 1, stats.ReportsSent);
        var node = Assert.Single((await gateway.Proxy.Get<IMetricsDashboard>("coordinator").GetClusterMetrics()).Nodes);
        Assert.Equal("worker-1", node.NodeId);
        Assert.Contains(node.Services, service => service is { Name: "metrics_reporter", Status: ServiceStatus.Running });
    }

    [Fact]
    public async Task A_stranger_can_not_report()
    {
        var ports = new ClusterPorts();
        await using var node = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        var metrics = await node.Proxy.Get<ISystem>().GetSystemMetrics();

        var wrongNode = await Assert.ThrowsAsync<RpcException>(() => node.Proxy.Get<IMetricsDashboard>().ReportMetrics("worker-1", metrics, []));
        var future = await Assert.ThrowsAsync<RpcException>(() => node.Proxy.Get<IMetricsDashboard>().ReportMetrics("coordinator-1", metrics with { Timestamp = metrics.Timestamp.AddHours(1) }, []));

        Assert.Equal((int)RpcErrorCode.InvalidParams, wrongNode.Code);
        Assert.Equal((int)RpcErrorCode.InvalidParams, future.Code);
        Assert.False(node.Registry.Services.Single(service => service.Name == "metrics_dashboard").Methods.Single(method => method.Name == "report_metrics").Public);
    }

    [Fact]
    public async Task The_interval_is_fixed_within_its_bounds_and_given_up()
    {
        var ports = new ClusterPorts();
        await using var worker = await TestNode.StartAsync(ports, "worker-1", "worker", isSeed: true);

        foreach (var seconds in new[] { int.MinValue, -1, 0, 29, 301, int.MaxValue })
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => worker.Proxy.Call("metrics_reporter/set_interval", new { seconds }, Token));
            Assert.Equal(((int)RpcErrorCode.InvalidParams, RpcErrorReason.InvalidParameter), (error.Code, error.Reason));
        }

        Assert.Equal(30, (await worker.Proxy.Call<ReporterStats>("metrics_reporter/set_interval", new { seconds = 30 }, Token))!.IntervalSeconds);
        Assert.Equal(300, (await worker.Proxy.Call<ReporterStats>("metrics_reporter/set_interval", new[] { 300 }, Token))!.IntervalSeconds);
        Assert.Equal(30, (await worker.Proxy.Call<ReporterStats>("metrics_reporter/set_interval", cancellationToken: Token))!.IntervalSeconds);
    }

    [Fact]
    public async Task The_dashboard_counts_the_calls_of_all_nodes_by_method_and_node()
    {
        var ports = new ClusterPorts();
        await using var coordinator = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var worker = await TestNode.StartAsync(ports, "worker-1", "worker");
        await coordinator.SeesAsync("coordinator-1", "worker-1");
        await worker.SeesAsync("coordinator-1", "worker-1");
        for (var i = 0; i < 3; i++)
        {
            await coordinator.Proxy.Call("probe/worker-1/where", cancellationToken: Token);
            await coordinator.Proxy.Get<Services.IProbe>("worker").Where();
            await worker.Proxy.Call("probe/coordinator/where", cancellationToken: Token);
            await Assert.ThrowsAsync<RpcException>(() => worker.Proxy.Call("probe/refuse", new { message = "no" }, Token));
        }

        var stats = await coordinator.Proxy.Get<IMetricsDashboard>().GetCallStats(service: "probe", cancellationToken: Token);

        Assert.Empty(stats.Silent);
        Assert.Equal(["refuse", "where"], stats.Methods.Select(method => method.Method));
        var (refuse, where) = (stats.Methods[0], stats.Methods[1]);
        Assert.Equal((3, 3), (refuse.Total.Count, refuse.Total.Errors[1234]));
        Assert.Equal(9, where.Total.Count);
        Assert.Equal([("coordinator-1", 3L), ("worker-1", 6L)], where.Nodes.Select(node => (node.NodeId, node.Calls.Count)));
        Assert.All(stats.Methods, method => Assert.True(method.Total.P50Ms <= method.Total.P90Ms && method.Total.P90Ms <= method.Total.P99Ms && method.Total.P99Ms <= method.Total.MaxMs));
        var onWorker = await coordinator.Proxy.Call<CallStats>("metrics_dashboard/get_call_stats", new { method = "where", node_id = "worker-1" }, Token);
        Assert.Equal(6, Assert.Single(onWorker!.Methods).Total.Count);
    }

    private static Task<ReporterStats> StatsAsync(TestNode node) => node.Proxy.Get<IMetricsReporter>("worker-1").GetStats();
}
