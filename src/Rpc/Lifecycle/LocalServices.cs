using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>The services of this node: how they are, and starting and stopping them. Take it from dependency injection.</summary>
public sealed partial class LocalServices : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>For how long a change is waited for. It goes on when it takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FrozenDictionary<GrainType, ServiceHost> _hosts;
    private readonly NodeRegistry _registry;
    private readonly ServiceControl _control;
    private readonly StoppedServices _stopped;
    private readonly TimeProvider _time;
    private readonly ILogger<LocalServices> _logger;
    private readonly CancellationTokenSource _stopping = new();

    // The options are taken for their effect: reading them is what fills the catalog.
    internal LocalServices(
        ServiceCatalog catalog,
        IOptions<GrainTypeOptions> grainTypes,
        NodeRegistry registry,
        IGrainFactory grains,
        ILocalSiloDetails silo,
        StoppedServices stopped,
        TimeProvider time,
        ILogger<LocalServices> logger)
    {
        _ = grainTypes.Value;
        _hosts = catalog.Hosted.ToFrozenDictionary(hosted => hosted.Key, hosted => new ServiceHost(hosted.Value, silo.Name, time));
        _registry = registry;
        _stopped = stopped;
        _time = time;
        _logger = logger;
        Conditions = new OwnConditions(silo.SiloAddress, registry, time);
        _control = new ServiceControl(grains, stopped, Conditions, time, logger, _stopping.Token);
        foreach (var host in _hosts.Values)
        {
            host.Changed = () => Conditions.Publish(_hosts.Values);
        }
    }

    /// <summary>The services of this node, by name.</summary>
    public IReadOnlyList<HostedService> List => [.. _hosts.Values.OrderBy(host => host.Description.Name, StringComparer.Ordinal).Select(Describe)];

    internal IEnumerable<ServiceHost> Hosts => _hosts.Values;

    /// <summary>What other nodes must know.</summary>
    internal OwnConditions Conditions { get; }

    /// <summary>Gives a service of this node, or null when it hosts none of that name.</summary>
    public HostedService? Find(string name) => _hosts.Values.FirstOrDefault(host => host.Description.Name == name) is { } host ? Describe(host) : null;

    /// <summary>
    /// Stops a service: it takes no new calls, finishes those that it is in, and its <c>OnDeactivateAsync</c> runs. With a
    /// database it stays stopped when the node restarts. Returns when it has stopped, or after 20 s while it still
    /// finishes.
    /// </summary>
    /// <param name="name">The service.</param>
    /// <param name="askedBy">Who wants it, for the log and for the reason that callers are told.</param>
    /// <param name="cancellationToken">Ends the waiting, and not the stop.</param>
    /// <returns>False when it was stopped already.</returns>
    /// <exception cref="RpcException">This node hosts no such service, it can't be stopped, or that could not be kept.</exception>
    public Task<bool> StopAsync(string name, string askedBy, CancellationToken cancellationToken = default) => ChangeAsync(name, "stop", askedBy, _control.StopAsync, cancellationToken);

    /// <summary>Starts a service that is stopped, or that failed to start: its <c>OnActivateAsync</c> runs.</summary>
    /// <inheritdoc cref="StopAsync(string, string, CancellationToken)"/>
    /// <returns>False when it was running already.</returns>
    /// <exception cref="RpcException">This node hosts no such service, that could not be kept, or the start failed.</exception>
    public Task<bool> StartAsync(string name, string askedBy, CancellationToken cancellationToken = default) => ChangeAsync(name, "start", askedBy, _control.StartAsync, cancellationToken);

    /// <summary>
    /// Gives a service a fresh activation: the present one finishes the calls that it is in and its
    /// <c>OnDeactivateAsync</c> runs, then <c>OnActivateAsync</c> does. Calls that come meanwhile wait. One that is stopped is started.
    /// </summary>
    /// <inheritdoc cref="StopAsync(string, string, CancellationToken)"/>
    /// <returns>True.</returns>
    /// <exception cref="RpcException">This node hosts no such service, or the start failed.</exception>
    public Task<bool> RestartAsync(string name, string askedBy, CancellationToken cancellationToken = default) => ChangeAsync(name, "restart", askedBy, _control.RestartAsync, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    // Before the node takes calls: what was stopped when it last ran is stopped.
    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(LocalServices), ServiceLifecycleStage.ApplicationServices + 1, StopWhatWasStoppedAsync, _ => _stopping.CancelAsync());

    /// <summary>Starts a service, and goes on trying while it fails.</summary>
    internal Task KeepStartingAsync(ServiceHost host) => _control.KeepStartingAsync(host);

    internal ServiceHost? FindHost(GrainType grainType) => _hosts.GetValueOrDefault(grainType);

    internal HostedService Of(GrainId grainId) => Describe(_hosts[grainId.Type]);

    internal HealthReport HealthOf(IGrainContext activation)
    {
        var host = _hosts[activation.GrainId.Type];
        return new HealthReport((health, reason) => host.Report(activation, health, reason));
    }

    private async Task StopWhatWasStoppedAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, reason) in await _stopped.ReadAsync())
        {
            if (_hosts.Values.FirstOrDefault(host => host.Description.Name == name) is { Description.AlwaysOn: false } host)
            {
                host.Close(ServiceStatus.Stopped, reason);
                LogStillStopped(name, reason);
            }
        }
    }

    private async Task<bool> ChangeAsync(string name, string action, string askedBy, Func<ServiceHost, string, Task<bool>> change, CancellationToken cancellationToken)
    {
        var host = _hosts.Values.FirstOrDefault(host => host.Description.Name == name)
            ?? throw RpcException.InvalidParameter("service_name", $"This node hosts no service '{Names.Excerpt(name)}'. orchestrator/list_services lists those that it hosts.");
        if (host.Description.AlwaysOn)
        {
            throw new RpcException($"The service '{name}' can't be stopped or restarted: the node needs it.");
        }

        var changing = InTurnAsync();
        try
        {
            return await changing.WaitAsync(Patience, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogTakesLong(action, name);
            return true;
        }

        async Task<bool> InTurnAsync()
        {
            await host.Turn.WaitAsync(CancellationToken.None);
            try
            {
                var changed = await change(host, askedBy);
                LogChanged(name, action, askedBy, changed ? "done" : "nothing to do");
                return changed;
            }
            catch (Exception exception)
            {
                LogChanged(name, action, askedBy, exception.Message);
                throw;
            }
            finally
            {
                host.Turn.Release();
            }
        }
    }

    private HostedService Describe(ServiceHost host)
    {
        var condition = _registry.Current.WithDependencies(host.Description, host.Condition);
        return new HostedService(
            host.Description.Name,
            host.GrainId.Key.ToString()!,
            condition.Status,
            condition.Health,
            condition.Reason,
            host.ActiveSince,
            host.Description.AutoStart,
            host.Description.AlwaysOn,
            host.Description.DependsOn);
    }

    [LoggerMessage(LogLevel.Information, "The service {Service} is still stopped: {Reason}")]
    private partial void LogStillStopped(string service, string reason);

    [LoggerMessage(LogLevel.Information, "The service {Service} was told to {Action} by {AskedBy}: {Outcome}")]
    private partial void LogChanged(string service, string action, string askedBy, string outcome);

    [LoggerMessage(LogLevel.Warning, "To {Action} the service {Service} takes long: it finishes its calls")]
    private partial void LogTakesLong(string action, string service);
}
