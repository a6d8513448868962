using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Rpc;
using Orrery.Rpc.Registry;
using Orrery.Tests;
using static Orrery.Grains.Tests.MetricsDashboard.Measured;

namespace Orrery.Grains.Tests.MetricsDashboard;

public sealed class DashboardTests(SharedPostgres postgres)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reports_are_answered_and_found_in_the_cluster_and_in_the_history()
    {
        await using var node = await Coordinator.StartAsync("coordinator-1");

        Assert.Equal(new ReportReceipt("accepted", 30), await ReportAsync(node, "a", Now.AddSeconds(-60), 20));
        Assert.Equal(new ReportReceipt("accepted", 300), await ReportAsync(node, "a", Now.AddSeconds(-30), 20));
        Assert.Equal(new ReportReceipt("duplicate", 300), await ReportAsync(node, "a", Now.AddSeconds(-30), 20));
        Assert.Equal(new ReportReceipt("duplicate", 300), await ReportAsync(node, "a", Now.AddSeconds(-60), 20));
        Assert.Equal(new ReportReceipt("accepted", 30), await ReportAsync(node, "a", Now.AddSeconds(-10), 40));
        Assert.Equal(new ReportReceipt("accepted", 30), await ReportAsync(node, "b", Now.AddSeconds(-10), 60));

        var cluster = await node.Dashboard.GetClusterMetrics();
        Assert.Equal((2, 50, 60, 2_000_000, 500_000, 25, 60), (cluster.NodesReporting, cluster.CpuPercent, cluster.CpuPercentMax, cluster.MemoryTotalBytes, cluster.MemoryUsedBytes, cluster.MemoryPercent, cluster.ThreadPoolQueueMax));
        Assert.Equal(["a", "b"], cluster.Nodes.Select(each => each.NodeId));
        Assert.Equivalent(Metrics("b", Now.AddSeconds(-10), 60), cluster.Nodes[1].Metrics, strict: true);
        Assert.True(cluster.Nodes[1].AgeSeconds >= 10);
        var history = (await node.Proxy.Call<MetricsHistory>("metrics_dashboard/coordinator/get_metrics_history", new { node_id = "a", resolution = 1 }, Token))!;
        Assert.Equal([20, 20, 40], history.Points.Select(point => point.CpuPercent));
        Assert.Equal(3, (await node.Dashboard.GetMetricsHistory("a", resolution: 86400, cancellationToken: Token)).Points.Sum(point => point.Samples));
        Assert.Equal(4, (await node.Dashboard.GetMetricsHistory(cancellationToken: Token)).Points.Sum(point => point.Samples));
    }

    [Fact]
    public async Task Whoever_is_outside_may_ask_and_not_report()
    {
        await using var node = await Coordinator.StartAsync("coordinator-1");

        var service = node.Registry.Services.Single(service => service.Name == "metrics_dashboard");

        Assert.Equal(["coordinator"], service.Roles);
        Assert.False(service.Methods.Single(method => method.Name == "report_metrics").Public);
        Assert.True(service.Methods.Single(method => method.Name == "get_cluster_metrics").Public);
        Assert.True(service.Methods.Single(method => method.Name == "get_metrics_history").Public);
    }

    [Fact]
    public async Task What_is_wrong_with_a_report_or_a_question_comes_back_to_the_caller()
    {
        await using var node = await Coordinator.StartAsync("coordinator-1");

        var report = await Assert.ThrowsAsync<RpcException>(() => node.Dashboard.ReportMetrics("a", Metrics("b", Now), Services()));
        var question = await Assert.ThrowsAsync<RpcException>(() => node.Dashboard.GetMetricsHistory(resolution: 7, cancellationToken: Token));

        Assert.Equal(RpcErrorReason.InvalidParameter, report.Reason);
        Assert.Contains("The smallest for this range is 300.", question.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await node.Dashboard.GetClusterMetrics()).NodesReporting);
    }

    [Fact]
    public async Task The_next_coordinator_carries_on_where_the_first_ended()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, Token);
        var first = await Coordinator.StartAsync("coordinator-1", database.ConnectionString);
        await using var second = await Coordinator.StartAsync("coordinator-2", database.ConnectionString);
        // The second has looked before there was anything.
        Assert.Empty((await second.Proxy.Get<IMetricsDashboard>("coordinator-2").GetClusterMetrics()).Nodes);
        Assert.All(await Task.WhenAll(Enumerable.Range(1, 50).Select(i => ReportAsync(second, "a", Now.AddSeconds(-i), i))), receipt => Assert.Equal("accepted", receipt.Status));
        await ReportAsync(second, "b", Now, 77);

        await first.DisposeAsync();
        await second.Registry.WaitUntilAsync(registry => !registry.Nodes.Any(node => node.NodeId == "coordinator-1" && node.Status is NodeStatus.Alive), Token);

        Assert.Equal("duplicate", (await ReportAsync(second, "b", Now, 77)).Status);
        Assert.Equal("accepted", (await ReportAsync(second, "a", Now.AddMilliseconds(1), 99)).Status);
        var cluster = await second.Dashboard.GetClusterMetrics();
        Assert.Equal([("a", 99), ("b", 77)], cluster.Nodes.Select(node => (node.NodeId, node.Metrics.CpuPercent)));
        Assert.Equal(51, (await second.Dashboard.GetMetricsHistory("a", resolution: 1, from: Now.AddMinutes(-2), cancellationToken: Token)).Points.Sum(point => point.Samples));
    }

    [Fact]
    public async Task Without_the_database_the_newest_are_known_and_reports_are_to_be_sent_again()
    {
        SharedPostgres.Require(PostgresServer.OwnMissing);
        await using var server = await PostgresServer.StartAsync(own: true);
        await using var database = await TestDatabase.CreateAsync(server, Token);
        await using var node = await Coordinator.StartAsync("coordinator-1", database.ConnectionString);
        await ReportAsync(node, "a", Now.AddSeconds(-1), 10);

        await server.StopAsync();
        var report = await Assert.ThrowsAsync<RpcException>(() => ReportAsync(node, "a", Now, 20));
        var question = await Assert.ThrowsAsync<RpcException>(() => node.Dashboard.GetMetricsHistory("a", cancellationToken: Token));
        var cluster = await node.Dashboard.GetClusterMetrics();
        await server.RunAsync();

        Assert.Equal((RpcErrorReason.StateUnavailable, RpcErrorReason.StateUnavailable), (report.Reason, question.Reason));
        Assert.True(report.Error.Retryable);
        Assert.Equal(10, Assert.Single(cluster.Nodes).Metrics.CpuPercent);
        Assert.Equal("accepted", (await UntilAcceptedAsync(node)).Status);
    }

    // The pool still has connections to the server that is gone.
    private static async Task<ReportReceipt> UntilAcceptedAsync(Coordinator node)
    {
        while (true)
        {
            try
            {
                return await ReportAsync(node, "a", Now, 20);
            }
            catch (RpcException exception) when (exception.Error.Retryable)
            {
                Token.ThrowIfCancellationRequested();
            }
        }
    }

    private static Task<ReportReceipt> ReportAsync(Coordinator node, string nodeId, DateTimeOffset at, double cpu) =>
        node.Dashboard.ReportMetrics(nodeId, Metrics(nodeId, at, cpu), Services());
}
