using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Declares dead, before this node joins, what a crash left in the membership. Orleans lets a node join when every active
/// one answers, so the rows of a whole cluster that crashed would hold it up until they are stale.
/// </summary>
internal sealed partial class CrashSweep(
    MembershipView view,
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    TimeProvider time,
    ILogger<CrashSweep> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private HashSet<SiloAddress> _gone = [];

    public void Participate(ISiloLifecycle observer)
    {
        observer.Subscribe(nameof(CrashSweep), JoinStages.Look, FindAsync);
        observer.Subscribe(nameof(CrashSweep), JoinStages.DeclareDead, DeclareDeadAsync);
    }

    private async Task FindAsync(CancellationToken cancellationToken)
    {
        var others = (await view.ReadAsync(cancellationToken)).Where(entry => !entry.SiloAddress.Equals(local.SiloAddress)).ToArray();
        var refused = await Task.WhenAll(others.Select(entry => SiloProbe.IsRefusedAsync(entry.SiloAddress.Endpoint, time, cancellationToken)));
        var suspects = others.Zip(refused).Where(pair => pair.Second).Select(pair => pair.First.SiloAddress).ToHashSet();
        while (suspects.Count > 0)
        {
            var entries = (await view.ReadAsync(cancellationToken)).Where(entry => suspects.Contains(entry.SiloAddress)).ToArray();
            foreach (var entry in entries.Where(view.HasMoved))
            {
                LogRefuses(entry.SiloName, entry.SiloAddress.Endpoint);
            }

            suspects = [.. entries.Where(entry => !view.HasMoved(entry)).Select(entry => entry.SiloAddress)];
            if (entries.All(entry => view.HasMoved(entry) || view.StillFor(entry) >= view.HeartbeatInterval))
            {
                _gone = suspects;
                return;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    // Again until it is done: a write that another one overtook is given up without a word.
    private async Task DeclareDeadAsync(CancellationToken cancellationToken)
    {
        while (_gone.Count > 0)
        {
            var entries = (await view.ReadAsync(cancellationToken)).Where(entry => _gone.Contains(entry.SiloAddress)).ToArray();
            _gone = [.. entries.Select(entry => entry.SiloAddress)];
            foreach (var entry in entries)
            {
                LogGone(entry.SiloName, entry.SiloAddress.Endpoint);
                await membership.TryKill(entry.SiloAddress);
            }

            if (entries.Length > 0)
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Node {NodeId} at {Address} is gone: nobody listens there and its heartbeat has stopped")]
    private partial void LogGone(string nodeId, IPEndPoint address);

    [LoggerMessage(LogLevel.Error, "Node {NodeId} is alive and the connection to {Address} is refused. Look for a firewall or a network policy: a node joins when it can reach every other one")]
    private partial void LogRefuses(string nodeId, IPEndPoint address);
}
