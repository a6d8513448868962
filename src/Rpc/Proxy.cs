using Orleans.Runtime;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Dynamic;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc;

/// <summary>
/// Calls services: typed, by address or dynamic; on this node, a given node or any node of a role. The same in a
/// service, in a host and in a client program: take it from dependency injection.
/// </summary>
/// <remarks>
/// Everything that a call by address or a dynamic one can come to besides a result is an <see cref="RpcException"/>. A
/// typed call throws that for a target that isn't there and for what a service refuses; whatever else it throws is
/// Orleans' own, and <see cref="CallFailure.From"/> says what it means.
/// </remarks>
public sealed class Proxy
{
    private readonly CallInvoker _invoker;
    private readonly IGrainFactory _grains;
    private readonly NodeRegistry _registry;
    private readonly Router _router;

    internal Proxy(CallInvoker invoker, IGrainFactory grains, NodeRegistry registry, Router router)
    {
        _router = router;
        _invoker = invoker;
        _grains = grains;
        _registry = registry;
        Dynamic = new DynamicProxy(this, registry);
    }

    /// <summary>
    /// Calls in the form <c>proxy.Dynamic.service.method(…)</c>, <c>proxy.Dynamic.service.role.method(…)</c> or
    /// <c>proxy.Dynamic.service["node-id"].method(…)</c>, with named or positional arguments and at most one
    /// <see cref="CancellationToken"/>. Awaiting gives a <see cref="DynamicResult"/>.
    /// </summary>
    public dynamic Dynamic { get; }

    /// <summary>Gives a typed reference to a service.</summary>
    /// <typeparam name="TService">The service's contract.</typeparam>
    /// <param name="target">
    /// A node id, for that node and no other; a role, for the least loaded node of it at each call; null, at each call
    /// for this node if it hosts the service and else for any that does.
    /// </param>
    /// <exception cref="ArgumentException">The target can be neither a node id nor a role.</exception>
    public TService Get<TService>(string? target = null)
        where TService : IService
    {
        if (target is not null && !Names.IsTarget(target))
        {
            throw new ArgumentException($"'{target}' can be neither a node id nor a role: those are a letter or digit, then up to 62 letters, digits, '.', '_' or '-'.", nameof(target));
        }

        var snapshot = _registry.Current;
        var isNode = target is not null && !snapshot.IsRole(target) && snapshot.Node(target) is not null;
        var key = isNode ? target! : RoutedReferences.Marker + target;
        return _grains.GetGrain<TService>(GrainId.Create(Contract<TService>.GrainType, IdSpan.Create(key)));
    }

    /// <summary>Gives a service on all nodes, for calls that run on each of them.</summary>
    /// <typeparam name="TService">The service's contract.</typeparam>
    /// <param name="role">A role, for its nodes only; null for every live node that runs the service.</param>
    public AllNodes<TService> All<TService>(string? role = null)
        where TService : IService =>
        new(this, () => _router.All(Contract<TService>.Name, role));

    /// <summary>Says where a call from here would go now, and why. Calls nobody.</summary>
    /// <param name="address"><c>service/method</c> or <c>service/target/method</c>.</param>
    public Resolution Resolve(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _router.Explain(address);
    }

    /// <summary>Makes a call by address and reads its result.</summary>
    /// <param name="address">
    /// <c>service/method</c> or <c>service/target/method</c>; with the target <c>@all</c> or <c>@all:role</c> the result is
    /// a list of <see cref="NodeAnswer{T}"/>.
    /// </param>
    /// <param name="parameters">An object with the named parameters, a list of positional ones, or null.</param>
    /// <param name="cancellationToken">Stops waiting, and stops the method if it takes a token.</param>
    /// <exception cref="RpcException">The call came to something else than a result.</exception>
    public async Task<T?> Call<T>(string address, object? parameters = null, CancellationToken cancellationToken = default) =>
        (await Call(address, RawJson.From(parameters), cancellationToken)).Deserialize<T>();

    /// <summary>Makes a call by address and does not look at its result.</summary>
    /// <inheritdoc cref="Call{T}"/>
    public Task Call(string address, object? parameters = null, CancellationToken cancellationToken = default) =>
        Call(address, RawJson.From(parameters), cancellationToken);

    internal async Task<RawJson> Call(string address, RawJson parameters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!parameters.IsEmpty && parameters.Utf8.Span[0] is not ((byte)'{' or (byte)'['))
        {
            throw new ArgumentException("Parameters are an object with the named ones or a list of the positional ones.", nameof(parameters));
        }

        return (await _invoker.InvokeAsync(address, parameters, caller: null, default, cancellationToken)).GetResultOrThrow();
    }

    private static class Contract<TService>
    {
        public static readonly string Name = ServiceContract.NameOf(typeof(TService));

        public static readonly GrainType GrainType = ServiceContract.GrainTypeOf(Name);
    }
}
