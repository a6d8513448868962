using Orrery.Rpc;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;
using Orrery.Rpc.Security;

namespace Orrery.Grains.RegistryService;

/// <inheritdoc cref="IRegistry"/>
internal sealed class RegistryGrain(NodeRegistry registry, Proxy proxy) : Grain, IRegistry
{
    public Task<IReadOnlyList<Node>> ListNodes(string? role, string? service, NodeStatus? status)
    {
        var nodes = registry.Nodes;
        return Task.FromResult<IReadOnlyList<Node>>(role is null && service is null && status is null
            ? nodes
            : [.. nodes.Where(node => (role is null || node.Roles.Contains(role))
                && (service is null || node.Services.Contains(service))
                && (status is null || node.Status == status))]);
    }

    public Task<Node> GetNode(string nodeId) => registry.Nodes.FirstOrDefault(node => node.NodeId == nodeId) is { } found
        ? Task.FromResult(found)
        : throw new RpcException(RpcError.NotExecuted(
            RpcErrorCode.TargetNotFound,
            RpcErrorReason.UnknownNode,
            $"The node registry has no node '{Names.Excerpt(nodeId)}'. registry/list_nodes lists the nodes."));

    // Whoever may do everything sees everything, also what only services may call.
    public Task<IReadOnlyList<RegisteredService>> ListServices() => Task.FromResult<IReadOnlyList<RegisteredService>>(Caller.Current is { } caller && !caller.Has("*")
        ? [.. registry.Services.Select(service => service.AsSeenBy(caller)).Where(service => service.Methods.Count > 0)]
        : registry.Services);

    public Task<Resolution> Resolve(string address) => Task.FromResult(proxy.Resolve(address));
}
