using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>
/// The live view of nodes, roles, services and methods, made on this node from Orleans' membership and manifest. Reading
/// it asks nobody.
/// </summary>
/// <remarks>
/// A program that is no node (an Orleans client) is told of nodes and services, a second late, and not of the membership:
/// a node that is gone is listed as dead there, also when it was stopped.
/// </remarks>
public sealed partial class NodeRegistry : IHostedLifecycleService, IDisposable
{
    private readonly IClusterManifestProvider _manifests;
    private readonly IClusterMembershipService? _membership;
    private readonly LocalNode? _local;
    private readonly string[] _stableRoles;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeRegistry> _logger;
    private readonly Lock _rebuilding = new();
    private readonly HashSet<SiloAddress> _gone = [];
    private readonly Dictionary<SiloAddress, NodeConditions> _conditions = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _forgetDeadNodes;
    private Task _watching = Task.CompletedTask;
    private long _changedAt;
    private volatile RegistrySnapshot _current = RegistrySnapshot.Empty;
    private volatile TaskCompletionSource _changed = NewSignal();

    internal NodeRegistry(
        IClusterManifestProvider manifests,
        IClusterMembershipService? membership,
        LocalNode? local,
        IOptions<RoutingOptions> routing,
        TimeProvider time,
        ILogger<NodeRegistry> logger)
    {
        _manifests = manifests;
        _membership = membership;
        _local = local;
        _stableRoles = [.. routing.Value.StableRoles];
        _time = time;
        _logger = logger;
        _forgetDeadNodes = time.CreateTimer(_ => Rebuild(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The nodes, by id.</summary>
    public IReadOnlyList<Node> Nodes => _current.Nodes;

    /// <summary>The services, by name.</summary>
    public IReadOnlyList<RegisteredService> Services =>
        [.. _current.Services.Values
            .OrderBy(service => service.Description.Name, StringComparer.Ordinal)
            .Select(service => _current.Describe(service))];

    internal RegistrySnapshot Current => _current;

    /// <summary>Whether it still takes in what changes in the cluster. Nothing but a restart helps when it does not.</summary>
    internal bool IsFollowing { get; private set; } = true;

    /// <summary>How long ago it last heard of a change.</summary>
    internal TimeSpan Age => _time.GetElapsedTime(Volatile.Read(ref _changedAt));

    /// <summary>Whether it is that of a program that is no node.</summary>
    internal bool IsOfClient => _local is null;

    /// <summary>Ends with the next change of the registry.</summary>
    internal Task NextChange => _changed.Task;

    /// <summary>What each live node has said of its services.</summary>
    internal IReadOnlyList<NodeConditions> Conditions
    {
        get
        {
            lock (_rebuilding)
            {
                return [.. _conditions.Values];
            }
        }
    }

    /// <summary>Waits until the registry is as the condition wants it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task WaitUntilAsync(Func<NodeRegistry, bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (true)
        {
            var changed = _changed.Task;
            if (condition(this))
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Starts watching the cluster, and returns when this node (or, in a client, any node) can be called and what every
    /// active node hosts is known.
    /// </summary>
    /// <exception cref="OptionsValidationException">This node's id is a role in the cluster, or one of its roles is the id of a node.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = Task.WhenAll(
            WatchAsync(_manifests.Updates),
            _membership is null ? Task.CompletedTask : WatchAsync(_membership.MembershipUpdates));
        await WaitUntilAsync(
            registry => registry.Nodes.Any(node => node.Status is NodeStatus.Alive && (_local is null || node.NodeId == _local.NodeId))
                && !registry.Current.Entries.Any(entry => entry.IsAwaited),
            cancellationToken);
        if (_local is not null)
        {
            RefuseAmbiguousNames(_local);
        }
    }

    /// <summary>Says, once everything of the host has started, what this node is.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_local is not null && _current.Node(_local.NodeId)?.ToNode() is { } node)
        {
            LogStarted(node.NodeId, node.Address, node.Port, string.Join(", ", node.Roles), string.Join(", ", node.Services));
        }

        return Task.CompletedTask;
    }

    /// <summary>Stops watching.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching.WaitAsync(cancellationToken);
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _forgetDeadNodes.Dispose();
        _stopping.Dispose();
    }

    // A target is a role or a node id, and its text alone says which.
    private void RefuseAmbiguousNames(LocalNode local)
    {
        var problem = _current.IsRole(local.NodeId)
            ? $"Orrery:NodeId: '{local.NodeId}' is a role in this cluster, so nobody could address the node. Choose another id, like '{local.NodeId}-1'."
            : local.Roles.FirstOrDefault(role => _current.Node(role) is not null) is { } taken
                ? $"Orrery:Roles: '{taken}' is the id of a node in this cluster, which nobody could address any more. Choose another role."
                : null;
        if (problem is not null)
        {
            throw new OptionsValidationException("Orrery", typeof(NodeOptions), [problem]);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WatchAsync<T>(IAsyncEnumerable<T> updates)
    {
        try
        {
            await foreach (var _ in updates.WithCancellation(_stopping.Token))
            {
                Rebuild();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            IsFollowing = false;
            LogWatchFailed(exception);
        }
    }

    /// <summary>
    /// Takes a node as dead whose process is known to be gone, before the membership says so: that can take long while the
    /// database is away.
    /// </summary>
    internal void MarkGone(SiloAddress silo)
    {
        lock (_rebuilding)
        {
            _gone.Add(silo);
        }

        Rebuild();
    }

    /// <summary>Takes in what a node says of its services, unless it has said something later already.</summary>
    internal void Accept(params IReadOnlyCollection<NodeConditions> news)
    {
        var isNew = false;
        lock (_rebuilding)
        {
            foreach (var conditions in news.Where(conditions => !_conditions.TryGetValue(conditions.Silo, out var known) || known.Version < conditions.Version))
            {
                _conditions[conditions.Silo] = conditions;
                isNew = true;
            }
        }

        if (isNew)
        {
            Rebuild();
        }
    }

    /// <summary>Takes in what Orleans knows now.</summary>
    internal void Rebuild()
    {
        lock (_rebuilding)
        {
            var manifest = _manifests.Current;
            var members = (_membership?.CurrentSnapshot.Members.Values ?? ClientMembers.Of(manifest)).ToArray();
            _gone.IntersectWith(members.Where(member => member.Status is not SiloStatus.Dead).Select(member => member.SiloAddress));
            ForgetConditions(members);

            var previous = _current;
            _current = previous.Next([.. members.Where(member => !_gone.Contains(member.SiloAddress))], manifest, _conditions, _stableRoles, _local?.NodeId, _time.GetUtcNow());
            Volatile.Write(ref _changedAt, _time.GetTimestamp());
            LogChanges(previous.Nodes, _current.Nodes);
            _changed.SetResult();
            _changed = NewSignal();
            if (_current.Nodes.Any(node => node.Status is NodeStatus.Dead))
            {
                _forgetDeadNodes.Change(RegistrySnapshot.DeadNodesAreListedFor, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // A node may hear of another one's services before it hears of the other one. A client asks again each second.
    private void ForgetConditions(ClusterMember[] members)
    {
        var gone = _membership is null
            ? _conditions.Keys.Except(members.Select(member => member.SiloAddress))
            : members.Where(member => member.Status is SiloStatus.Dead).Select(member => member.SiloAddress);
        foreach (var silo in gone.ToArray())
        {
            _conditions.Remove(silo);
        }
    }

    private void LogChanges(IReadOnlyList<Node> before, IReadOnlyList<Node> after)
    {
        var known = before.ToDictionary(node => node.NodeId, node => node.Status);
        foreach (var node in after)
        {
            if (!(known.Remove(node.NodeId, out var status) && status == node.Status) && node.NodeId != _local?.NodeId)
            {
                LogNodeStatus(node.NodeId, node.Status, node.Address, node.Port);
            }
        }

        foreach (var nodeId in known.Keys)
        {
            LogNodeLeft(nodeId);
        }
    }

    [LoggerMessage(LogLevel.Information, "{NodeId} at {Address}:{Port} is in the cluster. Roles: {Roles}. Services: {Services}")]
    private partial void LogStarted(string nodeId, string address, int port, string roles, string services);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} at {Address}:{Port} is {Status}")]
    private partial void LogNodeStatus(string nodeId, NodeStatus status, string address, int port);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} has left")]
    private partial void LogNodeLeft(string nodeId);

    [LoggerMessage(LogLevel.Error, "The registry no longer follows the cluster; restart this node")]
    private partial void LogWatchFailed(Exception exception);
}
