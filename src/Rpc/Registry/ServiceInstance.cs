using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Sharing;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Routing;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Registry;

/// <summary>A service on a node: where a call can go.</summary>
internal sealed class ServiceInstance(NodeEntry node, GrainId grainId, ServiceDescription description)
{
    private readonly ConcurrentDictionary<string, CallCounter> _counters = [];
    private IServiceEndpoint? _endpoint;
    private SharedMessages? _messages;

    public NodeEntry Node { get; } = node;

    public GrainId GrainId { get; } = grainId;

    /// <summary>What the catalog says of the version that runs there.</summary>
    public ServiceDescription Description { get; } = description;

    /// <summary>Whether it is on this node.</summary>
    public bool IsLocal { get; init; }

    /// <summary>How loaded it is, by the calls of this process.</summary>
    public InstanceLoad Load { get; } = new();

    /// <summary>Whether calls stay away from it.</summary>
    public Circuit Circuit { get; } = new(TimeProvider.System);

    /// <summary>How the service is there.</summary>
    public ServiceCondition Condition { get; set; } = ServiceCondition.Well;

    /// <summary>Counts the calls to a method there.</summary>
    public CallCounter Counter(string method, CallStatistics statistics)
    {
        if (!_counters.TryGetValue(method, out var counter))
        {
            counter = _counters.GetOrAdd(method, statistics.Of(ServiceContract.NameOf(GrainId.Type), method, Node.NodeId));
        }

        return counter;
    }

    /// <summary>For how long a call to a method that may run twice is waited for before another node is asked too.</summary>
    public TimeSpan Patience(MethodDescription method, CallStatistics statistics) =>
        (method.Hedged ? Counter(method.Name, statistics).UsualLatency : null) ?? Load.Patience;

    /// <summary>Begins a call to it.</summary>
    public void CallBegins(long now) => Load.Begin(now);

    /// <summary>Ends a call that began at a time stamp.</summary>
    /// <param name="started">From <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="now">When it ended, likewise.</param>
    /// <param name="error">What it came to; null for a result.</param>
    public void CallEnds(long started, long now, RpcError? error)
    {
        Load.End(started, now, error);
        Circuit.Note(error is not null && CallFailure.SaysIll(error, Stopwatch.GetElapsedTime(started, now)));
    }

    /// <summary>The same for one that is counted, measured and traced, as one of the calls to a method.</summary>
    public void CallEnds(CallCounter counter, long started, long now, RpcError? error)
    {
        CallEnds(started, now, error);
        counter.Count(started, now, error?.Code ?? 0);
        if (!IsLocal)
        {
            CallMetrics.NoteAttempt(counter.Name, started, now, error);
        }

        CallSpans.NoteAttempt(Node.NodeId, error);
        CallContext.Current?.Trace?.Add(new CallAttempt(Node.NodeId, Stopwatch.GetElapsedTime(started, now).TotalMilliseconds, error));
    }

    public IServiceEndpoint Endpoint(IGrainFactory grains) => _endpoint ??= grains.GetGrain<IServiceEndpoint>(GrainId);

    /// <summary>Its messages that calls share.</summary>
    public SharedMessages Messages(IGrainFactory grains) => _messages ?? Interlocked.CompareExchange(ref _messages, new SharedMessages(this, Endpoint(grains)), null) ?? _messages;
}
