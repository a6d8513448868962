using Microsoft.Extensions.Logging;
using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Lifecycle;

/// <summary>Starts, stops and restarts a service. Whoever calls has the service's turn, but to keep starting it.</summary>
internal sealed partial class ServiceControl(
    IGrainFactory grains,
    StoppedServices stopped,
    OwnConditions conditions,
    TimeProvider time,
    ILogger<LocalServices> logger,
    CancellationToken stopping)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    public async Task<bool> StopAsync(ServiceHost host, string askedBy)
    {
        if (host.IsClosed)
        {
            return false;
        }

        var reason = $"stopped by {askedBy}";
        await stopped.KeepAsync(host.Description.Name, reason, CancellationToken.None);
        host.Set(ServiceStatus.Stopping, reason);
        // The calls that are on their way are still answered.
        await conditions.EverybodyHearsAsync();
        host.Close(ServiceStatus.Stopping, reason);
        await host.EndActivationAsync(reason);
        host.Set(ServiceStatus.Stopped, reason);
        return true;
    }

    public async Task<bool> StartAsync(ServiceHost host, string askedBy)
    {
        if (!host.IsClosed && host.Condition.Status is not ServiceStatus.Failed)
        {
            return false;
        }

        if (host.IsClosed)
        {
            await stopped.KeepAsync(host.Description.Name, reason: null, CancellationToken.None);
            host.Open();
            await host.EndActivationAsync($"started by {askedBy}");
        }

        await ActivateAsync(host);
        // Whoever asked for it can call it then, through whichever node.
        await conditions.EverybodyHearsAsync();
        return true;
    }

    public async Task<bool> RestartAsync(ServiceHost host, string askedBy)
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

    /// <summary>Activates a service, and goes on trying while it fails.</summary>
    public async Task KeepStartingAsync(ServiceHost host)
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
            await host.Turn.WaitAsync(stopping);
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

            await Task.Delay(pause, time, stopping);
        }
    }

    private async Task ActivateAsync(ServiceHost host)
    {
        if (await TryActivateAsync(host) is { } error)
        {
            _ = KeepStartingAsync(host);
            throw new RpcException(CallFailure.OfMethodThatRan(error));
        }
    }

    private async Task<RpcError?> TryActivateAsync(ServiceHost host)
    {
        try
        {
            await grains.GetGrain<IServiceEndpoint>(host.GrainId).Activate();
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

    [LoggerMessage(LogLevel.Error, "The service {Service} could not be started, trace id {TraceId}")]
    private partial void LogNotStarted(Exception exception, string service, string traceId);
}
