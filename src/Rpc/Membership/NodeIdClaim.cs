using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Makes this node the one of its id: takes the place of an earlier life that is gone, and stops the start while another
/// node of the id lives. Orleans would let both in.
/// </summary>
internal sealed partial class NodeIdClaim(
    MembershipView view,
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    TimeProvider time,
    ILogger<NodeIdClaim> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private long? _logged;

    public void Participate(ISiloLifecycle observer)
    {
        observer.Subscribe(nameof(NodeIdClaim), JoinStages.Look, ClaimAsync);
        // Two that start at the same moment see each other only here.
        observer.Subscribe(nameof(NodeIdClaim), JoinStages.LookAgain, ClaimAsync);
    }

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var entries = await view.ReadAsync(cancellationToken);
            var own = entries.FirstOrDefault(entry => entry.SiloAddress.Equals(local.SiloAddress));
            var holder = entries.FirstOrDefault(entry => entry.SiloName == local.Name && entry != own);
            if (holder is null)
            {
                return;
            }

            var isRefused = await SiloProbe.IsRefusedAsync(holder.SiloAddress.Endpoint, time, cancellationToken);
            if (KeepsTheId(holder, own, isRefused))
            {
                throw Held(holder);
            }

            if (view.StillFor(holder) >= (isRefused ? view.HeartbeatInterval : view.HeartbeatIsStaleAfter))
            {
                await membership.TryKill(holder.SiloAddress);
            }

            SayWhatIsWaitedFor(holder);
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    // Of two that are joining the one that started first goes on, and waits until the other has given way. One that can't
    // see its rival's row has come before it, and gets active unless it sees it in time; then the rival gives way.
    private bool KeepsTheId(MembershipEntry holder, MembershipEntry? own, bool isRefused) => holder.Status switch
    {
        SiloStatus.Active => view.HasMoved(holder),
        SiloStatus.Joining => !isRefused && own is not null && Rank(holder).CompareTo(Rank(own)) < 0,
        _ => false,
    };

    private static (DateTime StartTime, string Address) Rank(MembershipEntry entry) => (entry.StartTime, entry.SiloAddress.ToParsableString());

    private OptionsValidationException Held(MembershipEntry holder) => new(
        nameof(NodeOptions.NodeId),
        typeof(NodeOptions),
        [$"Orrery:NodeId: '{local.Name}' is the id of the node at {holder.SiloAddress.Endpoint} on {holder.HostName}, which has run since {holder.StartTime:yyyy-MM-dd HH:mm:ss} UTC. Stop that one, or give this one another id with Orrery__NodeId or --node-id."]);

    private void SayWhatIsWaitedFor(MembershipEntry holder)
    {
        if (_logged is null || time.GetElapsedTime(_logged.Value) >= LogInterval)
        {
            LogWaiting(local.Name, holder.SiloAddress.Endpoint.ToString(), holder.Status);
            _logged = time.GetTimestamp();
        }
    }

    [LoggerMessage(LogLevel.Information, "The id {NodeId} is that of the node at {Address}, which is {Status} in the membership: waiting to see whether it lives")]
    private partial void LogWaiting(string nodeId, string address, SiloStatus status);
}
