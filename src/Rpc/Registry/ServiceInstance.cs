using System.Collections.Concurrent;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>A service on a node: where a call can go.</summary>
internal sealed class ServiceInstance(NodeEntry node, GrainId grainId)
{
    private readonly ConcurrentDictionary<string, CallCounter> _counters = [];
    private IServiceEndpoint? _endpoint;

    public NodeEntry Node { get; } = node;

    public GrainId GrainId { get; } = grainId;

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

    public IServiceEndpoint Endpoint(IGrainFactory grains) => _endpoint ??= grains.GetGrain<IServiceEndpoint>(GrainId);
}
