using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>What to tell a caller whose call has nowhere to go: what is wrong, and where to look.</summary>
internal static class RoutingErrors
{
    public static RpcError Malformed(ReadOnlySpan<char> address) => RpcError.NotExecuted(
        RpcErrorCode.MethodNotFound,
        RpcErrorReason.MalformedAddress,
        $"'{Names.Excerpt(address)}' is not an address. Write service/method, or service/target/method with a node id or a role as the target.");

    public static RpcError UnknownService(ReadOnlySpan<char> service) => RpcError.NotExecuted(
        RpcErrorCode.MethodNotFound,
        RpcErrorReason.UnknownService,
        $"No node of the cluster hosts a service '{Names.Excerpt(service)}'. registry/list_services lists those that are hosted.");

    public static RpcError UnknownMethod(ServiceDescription service, ReadOnlySpan<char> method) => RpcError.NotExecuted(
        RpcErrorCode.MethodNotFound,
        RpcErrorReason.UnknownMethod,
        $"The service '{service.Name}' has no method '{Names.Excerpt(method)}'. registry/list_services lists its methods.");

    /// <summary>Nothing that takes calls is at the target.</summary>
    /// <param name="snapshot">What is known of the cluster.</param>
    /// <param name="service">The service.</param>
    /// <param name="method">The method; null when any would do.</param>
    /// <param name="target">A node id or a role; empty for any node.</param>
    public static RpcError NotFound(RegistrySnapshot snapshot, ServiceRoutes service, ServiceMethod? method, ReadOnlySpan<char> target)
    {
        var routes = method?.Routes ?? service;
        if (method is not null && !routes.Have(target) && service.Have(target))
        {
            return NotInThatVersion(snapshot, service.Description.Name, method, target);
        }

        var hosted = routes == service ? $"the service '{service.Description.Name}'" : $"a version of the service '{service.Description.Name}' with '{method!.Description.Name}'";
        if (target.IsEmpty)
        {
            return Target(RpcErrorReason.NoNodeHostsService, $"No live node hosts {hosted} now.{WhereItIsStopped(routes)}", retryable: true);
        }

        if (snapshot.IsRole(target))
        {
            return Target(RpcErrorReason.NoNodeOfRole, $"No live node with the role '{target}' hosts {hosted}.{WhereItIsStopped(routes)}", retryable: true);
        }

        return snapshot.Node(target)?.Status switch
        {
            NodeStatus.Alive => Target(RpcErrorReason.ServiceNotOnNode, $"The node '{target}' does not host {hosted}.", retryable: false),
            NodeStatus.Joining or NodeStatus.Draining => Target(RpcErrorReason.NodeNotReady, $"The node '{target}' is joining or leaving and takes no calls now.", retryable: true),
            _ => Target(RpcErrorReason.UnknownNode, $"The node registry has no live node and no role '{Names.Excerpt(target)}'. registry/list_nodes lists the nodes.", retryable: false),
        };
    }

    private static RpcError NotInThatVersion(RegistrySnapshot snapshot, string service, ServiceMethod method, ReadOnlySpan<char> target) => RpcError.NotExecuted(
        RpcErrorCode.MethodNotFound,
        RpcErrorReason.UnknownMethod,
        $"The version of the service '{service}' on {(snapshot.IsRole(target) ? $"the nodes with the role '{target}'" : $"'{target}'")} has no method '{method.Description.Name}'. That on {Names.Several(method.Routes.All.Select(instance => instance.Node.NodeId))} has it.");

    public static RpcError Stopped(string service, string nodeId, ServiceCondition condition) => RpcError.NotExecuted(
        RpcErrorCode.ServiceStopped,
        RpcErrorReason.ServiceStopped,
        $"The service '{service}' is {(condition.Status is ServiceStatus.Stopping ? "stopping" : "stopped")} on '{nodeId}'{(condition.Reason is null ? "" : $": {condition.Reason}")}. orchestrator/{nodeId}/control_service starts it.");

    public static RpcError CircuitOpen(string service, ServiceInstance instance) => RpcError.NotExecuted(
        RpcErrorCode.NodeUnavailable,
        RpcErrorReason.CircuitOpen,
        $"Calls to the service '{service}' on '{instance.Node.NodeId}' failed so often that it is left alone for a while. registry/list_services shows how its circuit is.",
        retryable: true) with
    {
        RetryAfterMs = instance.Circuit.OpenForMs,
    };

    private static RpcError Target(string reason, string message, bool retryable) =>
        RpcError.NotExecuted(RpcErrorCode.TargetNotFound, reason, message, retryable);

    private static string WhereItIsStopped(TargetRoutes routes)
    {
        var nodes = routes.All.Where(instance => !instance.Condition.TakesCalls).Select(instance => instance.Node.NodeId).ToArray();
        return nodes.Length == 0 ? "" : $" It is stopped on {Names.Several(nodes)}.";
    }
}
