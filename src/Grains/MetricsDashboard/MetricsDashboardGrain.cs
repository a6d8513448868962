using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Runtime;
using Orrery.Grains.MetricsDashboard.History;
using Orrery.Grains.MetricsDashboard.History.Postgres;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Grains.OrchestratorService;
using Orrery.Grains.SystemService;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.MetricsDashboard;

/// <inheritdoc cref="IMetricsDashboard"/>
internal sealed partial class MetricsDashboardGrain : Grain, IMetricsDashboard, IIncomingGrainCallFilter
{
    // What a node that hangs may hold up of an answer about all.
    private static readonly TimeSpan PatienceWithNodes = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromMinutes(1);

    private readonly Proxy _proxy;
    private readonly NodeRegistry _registry;
    private readonly MetricsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<MetricsDashboardGrain> _logger;
    private readonly IReportStore _store;
    private readonly NewestReports _newest = new();
    private Task? _reading;

    public MetricsDashboardGrain(Proxy proxy, NodeRegistry registry, IOptions<MetricsOptions> options, IOptions<NodeOptions> node, TimeProvider time, ILogger<MetricsDashboardGrain> logger, IServiceProvider services)
    {
        _proxy = proxy;
        _registry = registry;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _store = services.GetService<NpgsqlDataSource>() is { } database
            ? new PostgresReportStore(database, node.Value.ClusterId, _options, time, logger)
            : new MemoryReportStore(_options, time);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(MaintainAsync, new GrainTimerCreationOptions(MaintenanceInterval, MaintenanceInterval) { Interleave = true });
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => await _store.DisposeAsync();

    public async Task<ReportReceipt> ReportMetrics(string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services)
    {
        ReportRules.Check(workerId, metrics, services, _time.GetUtcNow(), _options);
        await (_reading ?? ReadNewestAsync());
        var report = new NodeReport(metrics, services);
        return _newest.Has(report) || !await Explain(HistoryErrors.NotWritten, _store.AddAsync(report, CancellationToken.None))
            ? new ReportReceipt("duplicate", _newest.IntervalOf(workerId))
            : new ReportReceipt("accepted", _newest.Take(report));
    }

    public async Task<ClusterMetrics> GetClusterMetrics()
    {
        // Another coordinator may have been in charge until now.
        await ReadNewestAsync();
        Forget();
        return _newest.Summarize(_time.GetUtcNow());
    }

    public async Task<MetricsHistory> GetMetricsHistory(string? nodeId, DateTimeOffset? from, DateTimeOffset? to, int? resolution, CancellationToken cancellationToken)
    {
        var query = HistoryQuery.Read(nodeId, from, to, resolution, _time.GetUtcNow(), _options);
        var points = await Explain(HistoryErrors.NotRead, query.PointsAsync(_store, cancellationToken));
        return new MetricsHistory(nodeId, query.From, query.To, (int)query.Resolution.TotalSeconds, [.. points.Select(Averages.Rounded)]);
    }

    public Task<IReadOnlyList<ClusterService>> GetClusterServices() =>
        Task.FromResult<IReadOnlyList<ClusterService>>([.. _registry.Services.Select(ClusterService.Of)]);

    public Task<ControlResult> ControlService(string workerId, string serviceName, ServiceAction action, CancellationToken cancellationToken) =>
        _registry.Nodes.Any(node => node.NodeId == workerId)
            ? _proxy.Get<IOrchestrator>(workerId).ControlService(serviceName, action, cancellationToken)
            : throw RpcException.InvalidParameter("worker_id", $"The node registry has no node '{Names.Excerpt(workerId)}'. registry/list_nodes lists the nodes.");

    public async Task<CallStats> GetCallStats(string? service, string? method, string? nodeId, CancellationToken cancellationToken)
    {
        var answers = await _proxy.All<ISystem>().Call((system, _) => system.GetCallCounts(), PatienceWithNodes, cancellationToken);
        var counts = answers
            .SelectMany(answer => answer.Result ?? [])
            .Where(count => (service is null || count.Service == service) && (method is null || count.Method == method) && (nodeId is null || count.NodeId == nodeId));
        return CallStats.Of(counts, answers.Where(answer => answer.Error is not null).ToDictionary(answer => answer.NodeId, answer => answer.Error!.Message));
    }

    /// <summary>Notes who asks, for the node whose service is to be controlled.</summary>
    public Task Invoke(IIncomingGrainCallContext context) => Asker.Note(context, _registry);

    // One for all that ask meanwhile: when a coordinator is gone, every node reports to the next one at once.
    private Task ReadNewestAsync() => _reading = _reading is { IsCompleted: false } ? _reading : MergeNewestAsync();

    // A database that is away takes away the reports of before this coordinator, and no more.
    private async Task MergeNewestAsync()
    {
        try
        {
            _newest.Merge(await _store.NewestAsync(CancellationToken.None));
        }
        catch (Exception exception) when (HistoryErrors.IsOfDatabase(exception))
        {
            LogNotRead(exception.GetBaseException().Message.TrimEnd('.'));
        }
    }

    private void Forget() => _newest.Forget(
        _registry.Nodes.Where(node => node.Status is not NodeStatus.Dead).Select(node => node.NodeId).ToHashSet(StringComparer.Ordinal),
        _time.GetUtcNow());

    private async Task MaintainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _store.MaintainAsync(cancellationToken);
        }
        catch (Exception exception) when (HistoryErrors.IsOfDatabase(exception))
        {
            LogNotMaintained(exception.GetBaseException().Message.TrimEnd('.'));
        }

        Forget();
    }

    private static async Task<T> Explain<T>(Func<RpcException> error, Task<T> operation)
    {
        try
        {
            return await operation;
        }
        catch (Exception exception) when (HistoryErrors.IsOfDatabase(exception))
        {
            throw error();
        }
    }

    // Once for each question; that the database is away is said elsewhere.
    [LoggerMessage(LogLevel.Debug, "The newest reports could not be read: {Problem}")]
    private partial void LogNotRead(string problem);

    [LoggerMessage(LogLevel.Warning, "The history of metrics could not be rolled up or cleaned up: {Problem}. It is tried again in a minute")]
    private partial void LogNotMaintained(string problem);
}
