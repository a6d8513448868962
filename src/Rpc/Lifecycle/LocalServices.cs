using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>The services of this node: how they are, and starting and stopping them. Take it from dependency injection.</summary>
public sealed partial class LocalServices : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>For how long a change is waited for. It goes on when it takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>For how long a change waits for nodes that have not heard of it.</summary>
    private static readonly TimeSpan HearingTakesAtMost = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    private readonly FrozenDictionary<GrainType, ServiceHost> _hosts;
    private readonly NodeRegistry _registry;
    private readonly IGrainFactory _grains;
    private readonly StoppedServices _stopped;
    private readonly TimeProvider _time;
    private readonly ILogger<LocalServices> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _publishing = new();
    private volatile NodeConditions _published;
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardVersion;

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
        _grains = grains;
        _stopped = stopped;
        _time = time;
        _logger = logger;
        _published = new NodeConditions(silo.SiloAddress, 0, []);
        foreach (var host in _hosts.Values)
        {
            host.Changed = Publish;
        }
    }

    /// <summary>The services of this node, by name.</summary>
    public IReadOnlyList<HostedService> List => [.. _hosts.Values.OrderBy(host => host.Description.Name, StringComparer.Ordinal).Select(Describe)];

    internal IEnumerable<ServiceHost> Hosts => _hosts.Values;

    /// <summary>What other nodes must know.</summary>
    internal NodeConditions Conditions => _published;

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
    public Task<bool> StopAsync(string name, string askedBy, CancellationToken cancellationToken = default) => ChangeAsync(name, "stop", askedBy, StopAsync, cancellationToken);

    /// <summary>Starts a service that is stopped, or that failed to start: its <c>OnActivateAsync</c> runs.</summary>
    /// <inheritdoc cref="StopAsync(string, string, CancellationToken)"/>
    /// <returns>False when it was running already.</returns>
    /// <exception cref="RpcException">This node hosts no such service, that could not be kept, or the start failed.</exception>
    public Task<bool> StartAsync(string name, string askedBy, CancellationToken cancellationToken = default) => ChangeAsync(name, "start", askedBy, StartAsync, cancellationToken);

    /// <summary>
    /// Gives a service a fresh activation: the present one finishes the calls that it is in and its
    /// <c>OnDeactivateAsync</c> runs, then <c>OnActivateAsync</c> does. Calls that come meanwhile wait. One that is stopped is started.
    /// </summary>
    /// <inheritdoc cref="StopAsync(string, string, CancellationToken)"/>
    /// <returns>True.</returns>
    /// <exception cref="RpcException">This node hosts no such service, or the start failed.</exception>
    public Task<bool> RestartAsync(string name, string askedBy, CancellationToken cancellationToken = default) => ChangeAsync(name, "restart", askedBy, RestartAsync, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    // Before the node takes calls: what was stopped when it last ran is stopped.
    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(LocalServices), ServiceLifecycleStage.ApplicationServices + 1, StopWhatWasStoppedAsync, _ => _stopping.CancelAsync());

    /// <summary>Takes note that every live node has heard of the conditions up to a version.</summary>
    internal void Heard(long version)
    {
        lock (_publishing)
        {
            _heardVersion = Math.Max(_heardVersion, version);
            _heard.SetResult();
            _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    internal ServiceHost? FindHost(GrainType grainType) => _hosts.GetValueOrDefault(grainType);

    internal HostedService Of(GrainId grainId) => Describe(_hosts[grainId.Type]);

    internal HealthReport HealthOf(IGrainContext activation)
    {
        var host = _hosts[activation.GrainId.Type];
        return new HealthReport((health, reason) => host.Report(activation, health, reason));
    }

    /// <summary>Activates a service, and goes on trying while it fails.</summary>
    internal async Task KeepStartingAsync(ServiceHost host)
    {
        if (!host.BeginTrying())
        {
            return;
        }

        try
        {
            await TryUntilStartedAsync(host);
        }
        finally
        {
            host.EndTrying();
        }
    }

    private async Task TryUntilStartedAsync(ServiceHost host)
    {
        for (var pause = FirstRetry; !host.IsClosed; pause = pause * 2 < LastRetry ? pause * 2 : LastRetry)
        {
            await host.Turn.WaitAsync(_stopping.Token);
            try
            {
                if (host.IsClosed || await TryActivateAsync(host) is null)
                {
                    return;
                }
            }
            finally
            {
                host.Turn.Release();
            }

            await Task.Delay(pause, _time, _stopping.Token);
        }
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

    private async Task<bool> StopAsync(ServiceHost host, string askedBy)
    {
        if (host.IsClosed)
        {
            return false;
        }

        var reason = $"stopped by {askedBy}";
        await _stopped.KeepAsync(host.Description.Name, reason, CancellationToken.None);
        host.Set(ServiceStatus.Stopping, reason);
        await EverybodyHearsAsync();
        host.Close(ServiceStatus.Stopping, reason);
        await host.EndActivationAsync(reason);
        host.Set(ServiceStatus.Stopped, reason);
        return true;
    }

    private async Task<bool> StartAsync(ServiceHost host, string askedBy)
    {
        if (!host.IsClosed && host.Condition.Status is not ServiceStatus.Failed)
        {
            return false;
        }

        if (host.IsClosed)
        {
            await _stopped.KeepAsync(host.Description.Name, reason: null, CancellationToken.None);
            host.Open();
            await host.EndActivationAsync($"started by {askedBy}");
        }

        await ActivateAsync(host);
        await EverybodyHearsAsync();
        return true;
    }

    private async Task<bool> RestartAsync(ServiceHost host, string askedBy)
    {
        if (host.IsClosed)
        {
            return await StartAsync(host, askedBy);
        }

        var reason = $"restarted by {askedBy}";
        host.Set(ServiceStatus.Restarting, reason);
        await host.EndActivationAsync(reason);
        await ActivateAsync(host);
        return true;
    }

    private async Task ActivateAsync(ServiceHost host)
    {
        if (await TryActivateAsync(host) is { } error)
        {
            _ = KeepStartingAsync(host);
            throw new RpcException(error with { Executed = Executed.Yes, Retryable = false });
        }
    }

    private async Task<RpcError?> TryActivateAsync(ServiceHost host)
    {
        try
        {
            await _grains.GetGrain<IServiceEndpoint>(host.GrainId).Activate();
            host.Set(ServiceStatus.Running);
            return null;
        }
        catch (Exception exception)
        {
            var traceId = CallFailure.TraceId();
            var error = CallFailure.From(exception, Executed.No) is { Reason: not RpcErrorReason.InternalError } told ? told : CallFailure.Unexpected(Executed.No, traceId);
            LogNotStarted(exception, host.Description.Name, traceId);
            host.Set(ServiceStatus.Failed, $"could not be started: {error.Message}");
            return error with { Message = $"The service '{host.Description.Name}' could not be started: {error.Message}" };
        }
    }

    // When a service stops, the calls that were on their way are still answered; when it has started, whoever asked for
    // that can call it, through whichever node.
    private async Task EverybodyHearsAsync()
    {
        var version = _published.Version;
        var end = Task.Delay(HearingTakesAtMost, _time);
        while (!end.IsCompleted)
        {
            Task heard;
            lock (_publishing)
            {
                if (_heardVersion >= version)
                {
                    return;
                }

                heard = _heard.Task;
            }

            await Task.WhenAny(heard, end);
        }
    }

    // What is well is not said.
    private void Publish()
    {
        lock (_publishing)
        {
            var conditions = _hosts.Values
                .Select(host => (host.Description.Name, host.Condition))
                .Where(service => service.Condition != ServiceCondition.Well)
                .ToImmutableDictionary(service => service.Name, service => service.Condition);
            if (!SameAs(_published.Services, conditions))
            {
                _published = _published with { Version = _published.Version + 1, Services = conditions };
                _registry.Accept(_published);
            }
        }
    }

    private static bool SameAs(ImmutableDictionary<string, ServiceCondition> one, ImmutableDictionary<string, ServiceCondition> other) =>
        one.Count == other.Count && one.All(service => other.TryGetValue(service.Key, out var condition) && condition == service.Value);

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

    [LoggerMessage(LogLevel.Error, "The service {Service} could not be started, trace id {TraceId}")]
    private partial void LogNotStarted(Exception exception, string service, string traceId);
}
