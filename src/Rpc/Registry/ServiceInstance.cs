using Orleans.Runtime;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>A service on a node: where a call can go.</summary>
internal sealed class ServiceInstance(NodeEntry node, GrainId grainId)
{
    private IServiceEndpoint? _endpoint;

    public NodeEntry Node { get; } = node;

    public GrainId GrainId { get; } = grainId;

    /// <summary>How the service is there.</summary>
    public ServiceCondition Condition { get; set; } = ServiceCondition.Well;

    public IServiceEndpoint Endpoint(IGrainFactory grains) => _endpoint ??= grains.GetGrain<IServiceEndpoint>(GrainId);
}
