using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Notices a process that was killed within a fraction of a second: when a connection between nodes ends, it looks
/// whether anybody still listens at the other end. Orleans by itself waits for probes to fail.
/// </summary>
internal sealed partial class CrashWatch(IServiceProvider services, ILocalSiloDetails local, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<CrashWatch> logger)
{
    // The connection of a dying process ends a little before its port closes.
    private static readonly TimeSpan[] Looks = [TimeSpan.Zero, .. Enumerable.Range(0, 6).Select(round => TimeSpan.FromMilliseconds(15 << round))];
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SiloAddress, bool> _buried = new();
    // Found when first needed: what they are made of needs the connections, which need this.
    private readonly Lazy<IClusterMembershipService> _membership = new(services.GetRequiredService<IClusterMembershipService>);
    private readonly Lazy<NodeRegistry> _registry = new(services.GetRequiredService<NodeRegistry>);
    private readonly Lazy<ISiloStatusListener[]> _listeners = new(() => [.. services.GetServices<ILifecycleParticipant<ISiloLifecycle>>().OfType<ISiloStatusListener>()]);

    /// <summary>Watches the connections that this node opens.</summary>
    public void WatchOutbound(IConnectionBuilder connections) => connections.Use(next => async connection =>
    {
        // Read before the end: a closed socket has no address.
        var remote = connection.RemoteEndPoint as IPEndPoint;
        try
        {
            await next(connection);
        }
        finally
        {
            Examine(silo => silo.Endpoint.Equals(remote));
        }
    });

    /// <summary>Watches the connections that others open. Their port says nothing, so every silo at the address may be the one.</summary>
    public void WatchInbound(IConnectionBuilder connections) => connections.Use(next => async connection =>
    {
        var remote = (connection.RemoteEndPoint as IPEndPoint)?.Address.MapToIPv4();
        var opened = time.GetTimestamp();
        try
        {
            await next(connection);
        }
        finally
        {
            // One that was over at once was another node's look whether this one lives. To answer it with a look of its
            // own would go on for ever.
            if (time.GetElapsedTime(opened) > SiloProbe.Patience)
            {
                Examine(silo => silo.Endpoint.Address.Equals(remote));
            }
        }
    });

    private void Examine(Func<SiloAddress, bool> isConcerned)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return;
        }

        foreach (var silo in _membership.Value.CurrentSnapshot.Members.Keys.Where(silo => isConcerned(silo) && !silo.Equals(local.SiloAddress) && IsMember(silo)))
        {
            _ = ExamineAsync(silo);
        }
    }

    private async Task ExamineAsync(SiloAddress silo)
    {
        try
        {
            foreach (var pause in Looks)
            {
                await Task.Delay(pause, time, lifetime.ApplicationStopping);
                if (IsMember(silo) && await SiloProbe.IsRefusedAsync(silo.Endpoint, time, lifetime.ApplicationStopping))
                {
                    await BuryAsync(silo);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // This node stops.
        }
        catch (Exception exception)
        {
            LogFailed(exception, silo);
        }
    }

    private async Task BuryAsync(SiloAddress silo)
    {
        if (!IsMember(silo) || !_buried.TryAdd(silo, true))
        {
            return;
        }

        LogGone(silo.Endpoint);
        _registry.Value.MarkGone(silo);
        // Calls that wait for its answers are told now. Orleans does this when the membership says dead, which it can't
        // while the database is away.
        foreach (var listener in _listeners.Value)
        {
            listener.SiloStatusChangeNotification(silo, SiloStatus.Dead);
        }

        // Every node that was connected is here now, and one is enough to write it down. A write that another one
        // overtook is given up without a word, so look again.
        var others = _membership.Value.CurrentSnapshot.Members.Count;
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(Math.Min(others * 2, 300))), time, lifetime.ApplicationStopping);
        for (var retry = FirstRetry; IsMember(silo); retry = retry < LongestRetry ? retry * 2 : LongestRetry)
        {
            await _membership.Value.TryKill(silo);
            await Task.Delay(retry, time, lifetime.ApplicationStopping);
        }
    }

    private bool IsMember(SiloAddress silo) => _membership.Value.CurrentSnapshot.GetSiloStatus(silo) is not (SiloStatus.Dead or SiloStatus.None);

    [LoggerMessage(LogLevel.Warning, "The node at {Address} is gone: nobody listens there any more")]
    private partial void LogGone(IPEndPoint address);

    [LoggerMessage(LogLevel.Error, "Could not find out whether the node at {Silo} is gone")]
    private partial void LogFailed(Exception exception, SiloAddress silo);
}
