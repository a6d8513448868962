using System.Diagnostics.CodeAnalysis;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Routing;

/// <summary>Chooses the node of a call, from the registry alone: no message, no lock, no allocation.</summary>
internal sealed class Router(NodeRegistry registry)
{
    /// <summary>Resolves an address; gives the error when there is nowhere to go.</summary>
    /// <param name="text">The address as the caller wrote it.</param>
    /// <param name="caller">The caller outside the cluster, who may not call everything; null for a service.</param>
    /// <param name="route">Where the call goes.</param>
    public RpcError? Resolve(ReadOnlySpan<char> text, Caller? caller, out Route route)
    {
        route = default;
        if (!Address.TryParse(text, out var address))
        {
            return RoutingErrors.Malformed(text);
        }

        var snapshot = registry.Current;
        if (snapshot.Service(address.Service) is not { } service)
        {
            return caller is { IsAnonymous: true } ? Access.Unauthenticated : RoutingErrors.UnknownService(address.Service);
        }

        if (service.Method(address.Method) is not { } method)
        {
            return caller is { IsAnonymous: true } ? Access.Unauthenticated : RoutingErrors.UnknownMethod(service.Description, address.Method);
        }

        if (caller is not null && Access.Refusal(service.Description.Name, method.Description, caller) is { } refusal)
        {
            return refusal;
        }

        if (FanOut.TryParse(address.Target, out var role))
        {
            var all = method.Routes.AllOfRole(role);
            route = all.Length > 0 ? new Route(all[0], service.Description, method.Description, All: all) : default;
            return all.Length > 0 ? null : RoutingErrors.NotFound(snapshot, service, method, role);
        }

        if (!TryPick(snapshot, service, method, address.Target, out var instance, out var targetRole, out var hasOthers, out var error))
        {
            return error;
        }

        route = new Route(instance, service.Description, method.Description, targetRole, hasOthers);
        return null;
    }

    /// <summary>Says where a call would go now, and why.</summary>
    public Resolution Explain(string address) => new RouteExplanation(registry.Current, this).Explain(address);

    /// <summary>Gives every live instance of a service, or those on nodes of a role.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public ServiceInstance[] All(string serviceName, string? role)
    {
        var snapshot = registry.Current;
        var service = snapshot.Service(serviceName) ?? throw new RpcException(RoutingErrors.UnknownService(serviceName));
        return service.AllOfRole(role) is { Length: > 0 } all ? all : throw new RpcException(RoutingErrors.NotFound(snapshot, service, method: null, role));
    }

    /// <summary>Chooses an instance of a service that a call has not been tried on yet; null when there is none.</summary>
    /// <param name="serviceName">The service.</param>
    /// <param name="method">The method, which not every instance may have. One that is not in the catalog, like those of extensions, any has.</param>
    /// <param name="role">The role that it may go to; empty for any node.</param>
    /// <param name="tried">Where it has been.</param>
    public ServiceInstance? PickOther(string serviceName, string method, string role, IReadOnlyCollection<ServiceInstance> tried) =>
        Balance.ChooseOther(Candidates(serviceName, method, role), tried);

    /// <summary>The same for a call whose parameters did not suit the versions that it was tried on: chooses an instance of another one.</summary>
    /// <inheritdoc cref="PickOther"/>
    public ServiceInstance? PickOfAnotherVersion(string serviceName, string method, string role, IReadOnlyCollection<ServiceInstance> tried) =>
        Balance.ChooseOther(Array.FindAll(Candidates(serviceName, method, role), candidate => tried.All(instance => instance.Description.Source != candidate.Description.Source)), tried);

    /// <summary>Gives a method that is declared to be the same run twice as run once; null when it is not.</summary>
    public MethodDescription? Idempotent(string serviceName, string method) => registry.Current.Service(serviceName)?.Method(method)?.Description is { Idempotent: true } found ? found : null;

    /// <summary>Chooses an instance of a service for a role, or for any node when that is empty; says whether there are others.</summary>
    public bool TryPick(ReadOnlySpan<char> serviceName, ReadOnlySpan<char> target, [NotNullWhen(true)] out ServiceInstance? instance, out bool hasOthers, [NotNullWhen(false)] out RpcError? error)
    {
        var snapshot = registry.Current;
        if (snapshot.Service(serviceName) is { } service)
        {
            return TryPick(snapshot, service, method: null, target, out instance, out _, out hasOthers, out error);
        }

        instance = null;
        hasOthers = false;
        error = RoutingErrors.UnknownService(serviceName);
        return false;
    }

    private ServiceInstance[] Candidates(string serviceName, string method, string role) =>
        registry.Current.Service(serviceName) is not { } service ? []
        : (service.Method(method)?.Routes ?? service) is var routes && role.Length == 0 ? routes.Instances
        : routes.OfRole(role);

    private static bool TryPick(
        RegistrySnapshot snapshot,
        ServiceRoutes service,
        ServiceMethod? method,
        ReadOnlySpan<char> target,
        [NotNullWhen(true)] out ServiceInstance? instance,
        out string? role,
        out bool hasOthers,
        [NotNullWhen(false)] out RpcError? error)
    {
        var routes = method?.Routes ?? service;
        ServiceInstance[] candidates;
        if (target.IsEmpty)
        {
            (role, candidates) = ("", routes.Instances);
            instance = routes.Local ?? Balance.Choose(candidates);
        }
        else
        {
            candidates = routes.OfRole(target, out role);
            instance = Balance.Choose(candidates) ?? (snapshot.IsRole(target) ? null : routes.OnNode(target));
        }

        hasOthers = candidates.Length > 1;

        error = instance switch
        {
            null => RoutingErrors.NotFound(snapshot, service, method, target),
            // A call to a role that finds its service just stopped is refused there, and goes on to another node.
            { Condition.IsStopped: true } when role is null => RoutingErrors.Stopped(service.Description.Name, instance.Node.NodeId, instance.Condition),
            _ when role is null && !service.Description.AlwaysOn && instance.Circuit.IsOpen(instance.Load.CallsInFlight) => RoutingErrors.CircuitOpen(service.Description.Name, instance),
            _ => null,
        };
        return error is null;
    }
}
