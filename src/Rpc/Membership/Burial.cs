using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Membership;

/// <summary>Takes a node that is known to be gone out of this node's registry, and then out of the membership.</summary>
/// <param name="services">Asked for the rest only when a node is gone: what that is made of needs the connections, which need this.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told once of each node.</param>
internal sealed partial class Burial(IServiceProvider services, TimeProvider time, ILogger<Burial> logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SiloAddress, bool> _buried = new();
    private readonly Lazy<IClusterMembershipService> _membership = new(services.GetRequiredService<IClusterMembershipService>);
    private readonly Lazy<ISiloStatusListener[]> _listeners = new(() => [.. services.GetServices<ILifecycleParticipant<ISiloLifecycle>>().OfType<ISiloStatusListener>()]);

    /// <summary>Whether the membership has not said yet that it is dead.</summary>
    public bool IsMember(SiloAddress silo) => _membership.Value.CurrentSnapshot.GetSiloStatus(silo) is not (SiloStatus.Dead or SiloStatus.None);

    /// <summary>Buries a node, unless that is done or under way; returns when the membership says that it is dead.</summary>
    /// <param name="silo">The node.</param>
    /// <param name="reason">How it is known to be gone, for the log.</param>
    /// <param name="cancellationToken">Leaves the membership to others.</param>
    public async Task BuryAsync(SiloAddress silo, string reason, CancellationToken cancellationToken)
    {
        if (!IsMember(silo) || !_buried.TryAdd(silo, true))
        {
            return;
        }

        LogGone(silo.Endpoint, reason);
        services.GetRequiredService<NodeRegistry>().MarkGone(silo);
        // Calls that wait for its answers are told now. Orleans does this when the membership says dead, which it can't
        // while the database is away.
        foreach (var listener in _listeners.Value)
        {
            listener.SiloStatusChangeNotification(silo, SiloStatus.Dead);
        }

        // Others know it at the same moment, and one is enough to write it down. A write that another one overtook is given
        // up without a word, so look again.
        var others = _membership.Value.CurrentSnapshot.Members.Count;
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(Math.Min(others * 2, 300))), time, cancellationToken);
        for (var retry = FirstRetry; IsMember(silo); retry = retry < LongestRetry ? retry * 2 : LongestRetry)
        {
            await _membership.Value.TryKill(silo);
            await Task.Delay(retry, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The node at {Address} is gone: {Reason}")]
    private partial void LogGone(IPEndPoint address, string reason);
}
