using Microsoft.Extensions.Logging;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.SystemService;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Grains.MetricsReporter;

/// <inheritdoc cref="IMetricsReporter"/>
internal sealed class MetricsReporterGrain : Grain, IMetricsReporter
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // A coordinator that takes longer is tried again later; a report that it has by then is a duplicate to it.
    private static readonly TimeSpan PatienceWithCoordinator = TimeSpan.FromSeconds(10);

    private readonly LocalNode _node;
    private readonly Proxy _proxy;
    private readonly TimeProvider _time;
    private readonly LocalServices _services;
    private readonly ReportSchedule _schedule;
    private readonly Reporter _reporter;

    public MetricsReporterGrain(LocalNode node, LocalServices services, Proxy proxy, HealthReport health, TimeProvider time, ILogger<Reporter> logger)
    {
        _node = node;
        _proxy = proxy;
        _time = time;
        _services = services;
        _schedule = new ReportSchedule(time, Random.Shared);
        _reporter = new Reporter(node.NodeId, MeasureAsync, SendAsync, _schedule, health, time, logger);
    }

    /// <summary>Starts the timers. Orleans stops them before it deactivates the grain.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Two, so that a coordinator that does not answer holds up no measurement.
        StartTimer(_reporter.MeasureWhenDueAsync);
        StartTimer(_reporter.DeliverWhenDueAsync);
        return Task.CompletedTask;
    }

    public Task<ReporterStats> GetStats() => Task.FromResult(_reporter.Stats);

    public Task<ReporterStats> SetInterval(int? seconds = null)
    {
        TimeSpan? interval = seconds is { } number ? TimeSpan.FromSeconds(number) : null;
        if (interval < ReportSchedule.ShortestInterval || interval > ReportSchedule.LongestInterval)
        {
            throw RpcException.InvalidParameter("seconds", "The interval is 30 to 300 seconds; null leaves it to the coordinator.");
        }

        _schedule.Fix(interval);
        return GetStats();
    }

    public Task<ReportReceipt> ReportNow() => _reporter.ReportNowAsync();

    private void StartTimer(Func<Task> callback) =>
        this.RegisterGrainTimer(static (callback, _) => callback(), callback, new GrainTimerCreationOptions(Tick, Tick) { Interleave = true });

    private async Task<Report> MeasureAsync() => new(await _proxy.Get<ISystem>().GetSystemMetrics(), [.. _services.List.Select(ReportedService.Of)]);

    private Task<ReportReceipt> SendAsync(Report report) =>
        _proxy.Get<IMetricsDashboard>("coordinator").ReportMetrics(_node.NodeId, report.Metrics, report.Services).WaitAsync(PatienceWithCoordinator, _time);
}
