using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orrery.Rpc.Membership;

/// <summary>The membership as a node sees it that is not in it yet: the rows, and whether their heartbeats move.</summary>
/// <remarks>
/// A refused connection alone never costs another node its membership while this one joins. A network that refuses this
/// node's connections must not take the healthy nodes of the cluster with it, and those go on writing their heartbeats.
/// </remarks>
internal sealed partial class MembershipView(
    IMembershipTable table,
    ILocalSiloDetails local,
    IOptions<ClusterMembershipOptions> options,
    TimeProvider time,
    ILogger<MembershipView> logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // Two that run in one stage of the start read at the same time.
    private readonly ConcurrentDictionary<SiloAddress, (DateTime First, DateTime Last, long Since)> _heartbeats = new();

    /// <summary>How long a live node leaves its heartbeat alone at most, with room for a late one.</summary>
    public TimeSpan HeartbeatInterval => options.Value.IAmAliveTablePublishTimeout * 1.25;

    /// <summary>After how long Orleans, too, holds a node with the same heartbeat for gone.</summary>
    public TimeSpan HeartbeatIsStaleAfter => options.Value.IAmAliveTablePublishTimeout * options.Value.NumMissedTableIAmAliveLimit;

    /// <summary>Reads the rows of nodes that are not dead, this one's included. A database that is away is waited for.</summary>
    public async Task<IReadOnlyList<MembershipEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var entries = (await table.ReadAllAsync(cancellationToken)).Members.Select(member => member.Item1).Where(entry => entry.Status is not SiloStatus.Dead).ToArray();
                foreach (var entry in entries)
                {
                    Observe(entry);
                }

                return entries;
            }
            catch (DbException exception)
            {
                LogNotRead(local.Name, exception.GetBaseException().Message.TrimEnd('.'));
                await Task.Delay(RetryInterval, time, cancellationToken);
            }
        }
    }

    /// <summary>Whether the heartbeat is another one than when the row was first read here.</summary>
    public bool HasMoved(MembershipEntry entry) => _heartbeats[entry.SiloAddress] is var heartbeat && heartbeat.First != heartbeat.Last;

    /// <summary>For how long it has been seen here unchanged.</summary>
    public TimeSpan StillFor(MembershipEntry entry) => time.GetElapsedTime(_heartbeats[entry.SiloAddress].Since);

    private void Observe(MembershipEntry entry)
    {
        var now = entry.IAmAliveTime;
        _heartbeats.AddOrUpdate(
            entry.SiloAddress,
            _ => (now, now, time.GetTimestamp()),
            (_, known) => known.Last == now ? known : (known.First, now, time.GetTimestamp()));
    }

    [LoggerMessage(LogLevel.Warning, "{NodeId} can't read the membership and waits: {Problem}")]
    private partial void LogNotRead(string nodeId, string problem);
}
