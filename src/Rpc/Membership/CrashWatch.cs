using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Notices a process that was killed within a fraction of a second: when a connection between nodes ends, it looks
/// whether anybody still listens at the other end. Orleans by itself waits for probes to fail.
/// </summary>
internal sealed partial class CrashWatch(IServiceProvider services, Burial burial, ILocalSiloDetails local, TimeProvider time, ILogger<CrashWatch> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // The connection of a dying process ends a little before its port closes.
    private static readonly TimeSpan[] Looks = [TimeSpan.Zero, .. Enumerable.Range(0, 6).Select(round => TimeSpan.FromMilliseconds(15 << round))];
    private static readonly TimeSpan FirstWordTakes = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _isWatching;
    // Found when the node is active: what it is made of needs the connections, which need this.
    private IClusterMembershipService _membership = null!;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(CrashWatch), ServiceLifecycleStage.Active, Start, Stop);

    public void Dispose() => _stopping.Dispose();

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
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var remote = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        if (!await SpeaksAsync(connection))
        {
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Examine(silo => silo.Endpoint.Address.Equals(remote));
        }
    });

    // A silo introduces itself at once. Whoever leaves without a word was another node's look whether this one lives, and
    // to answer that with a look of this node's would go on for ever.
    private async Task<bool> SpeaksAsync(ConnectionContext connection)
    {
        using var late = new CancellationTokenSource(FirstWordTakes, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, connection.ConnectionClosed);
        try
        {
            var first = await connection.Transport.Input.ReadAsync(end.Token);
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            return !first.Buffer.IsEmpty;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Task Start(CancellationToken cancellationToken)
    {
        _membership = services.GetRequiredService<IClusterMembershipService>();
        _isWatching = true;
        return Task.CompletedTask;
    }

    private Task Stop(CancellationToken cancellationToken)
    {
        _isWatching = false;
        return _stopping.CancelAsync();
    }

    private void Examine(Func<SiloAddress, bool> isConcerned)
    {
        if (!_isWatching)
        {
            return;
        }

        foreach (var silo in _membership.CurrentSnapshot.Members.Keys.Where(silo => isConcerned(silo) && !silo.Equals(local.SiloAddress) && burial.IsMember(silo)))
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
                await Task.Delay(pause, time, _stopping.Token);
                if (burial.IsMember(silo) && await SiloProbe.IsRefusedAsync(silo.Endpoint, time, _stopping.Token))
                {
                    await burial.BuryAsync(silo, "nobody listens there any more", _stopping.Token);
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

    [LoggerMessage(LogLevel.Error, "Could not find out whether the node at {Silo} is gone")]
    private partial void LogFailed(Exception exception, SiloAddress silo);
}
