using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsReporter;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;

namespace Orrery.Grains.Tests.MetricsReporter;

public sealed class ReportingTests
{
    private readonly ReceivedReports _received = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_reports_and_delivers_what_it_kept_when_the_coordinator_is_back()
    {
        var (seed, client) = (LoopbackPort.Free(), LoopbackPort.Free());
        await using var gateway = await ReportingNode.StartAsync("gateway-1", "gateway", _received, "--silo-port", $"{seed}", "--client-port", $"{client}", "--seed", $"127.0.0.1:{seed}");
        await using var worker = await ReportingNode.StartAsync("worker-1", "worker", _received, "--seed", $"127.0.0.1:{seed}");

        await gateway.SeesAsync("worker-1");

        // Nobody takes reports yet.
        await Eventually.Is(async () => await StatsAsync(gateway) is { ConsecutiveFailures: > 0, Backlog: > 0, LastError: not null });
        var error = await Assert.ThrowsAsync<RpcException>(() => gateway.Proxy.Call("metrics_reporter/worker-1/report_now", cancellationToken: Token));
        Assert.StartsWith("The coordinator did not take the report.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await StatsAsync(gateway)).Backlog);

        await using var coordinator = await ReportingNode.StartAsync("coordinator-1", "coordinator", _received, "--seed", $"127.0.0.1:{seed}");
        await Eventually.Is(async () => await StatsAsync(gateway) is { Backlog: 0, ReportsSent: >= 2 });
        var receipt = await gateway.Proxy.Call<ReportReceipt>("metrics_reporter/worker-1/report_now", cancellationToken: Token);

        Assert.Equal(new ReportReceipt("accepted", 45), receipt);
        var stats = await StatsAsync(gateway);
        Assert.Equal(("worker-1", 45, 0, null), (stats.NodeId, stats.IntervalSeconds, stats.ConsecutiveFailures, stats.LastError));
        Assert.Equal(stats.ReportsSent, _received.Count);
        Assert.All(_received, report => Assert.Equal("worker-1", report.WorkerId));
        Assert.Equal(_received.Select(report => report.Metrics.Timestamp).Order(), _received.Select(report => report.Metrics.Timestamp));
        Assert.Contains(new ReportedService("metrics_reporter", "running", "healthy"), _received.Last().Services);
    }

    [Fact]
    public async Task The_interval_is_fixed_within_its_bounds_and_given_up()
    {
        var (seed, client) = (LoopbackPort.Free(), LoopbackPort.Free());
        await using var worker = await ReportingNode.StartAsync("worker-1", "worker", _received, "--silo-port", $"{seed}", "--client-port", $"{client}", "--seed", $"127.0.0.1:{seed}");

        foreach (var seconds in new[] { int.MinValue, -1, 0, 29, 301, int.MaxValue })
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => worker.Proxy.Call("metrics_reporter/set_interval", new { seconds }, Token));
            Assert.Equal(((int)RpcErrorCode.InvalidParams, RpcErrorReason.InvalidParameter), (error.Code, error.Reason));
        }

        Assert.Equal(30, (await worker.Proxy.Call<ReporterStats>("metrics_reporter/set_interval", new { seconds = 30 }, Token))!.IntervalSeconds);
        Assert.Equal(300, (await worker.Proxy.Call<ReporterStats>("metrics_reporter/set_interval", new[] { 300 }, Token))!.IntervalSeconds);
        Assert.Equal(30, (await worker.Proxy.Call<ReporterStats>("metrics_reporter/set_interval", cancellationToken: Token))!.IntervalSeconds);
    }

    private static Task<ReporterStats> StatsAsync(ReportingNode node) => node.Proxy.Get<IMetricsReporter>("worker-1").GetStats();
}
