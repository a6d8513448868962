using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Orleans.Serialization.Invocation;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Requests;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Routing;

/// <summary>
/// A service's contract as this program was built with it, beside those that nodes run. Orleans can deliver a typed call only
/// where the method was built from the same code; where it was not, the call travels as JSON, by the names of its parameters.
/// </summary>
/// <param name="contract">The interface.</param>
/// <param name="registry">The registry.</param>
/// <param name="invoker">What makes calls that carry JSON.</param>
internal sealed class TypedContract(Type contract, NodeRegistry registry, Lazy<CallInvoker> invoker)
{
    private readonly ServiceContract _own = ServiceContract.ReadAsCaller(contract);
    private readonly ConcurrentDictionary<Type, ServiceContract.Method?> _methods = [];
    private RegistrySnapshot? _same;
    private RegistrySnapshot? _other;

    /// <summary>Whether all nodes run what this program was built with. Found out once for each state of the registry.</summary>
    public bool IsEverywhere
    {
        get
        {
            var snapshot = registry.Current;
            return ReferenceEquals(snapshot, _same) || (!ReferenceEquals(snapshot, _other) && Compare(snapshot));
        }
    }

    /// <summary>Gives the method of a call that Orleans could not deliver to the target; null when it can.</summary>
    /// <param name="target">A node id or a role; empty for any node.</param>
    /// <param name="isNode">Whether it is a node id.</param>
    /// <param name="request">The call.</param>
    public ServiceContract.Method? MethodThatDiffers(string target, bool isNode, IInvokable request) =>
        MethodOf(request) is { } method && VersionsAt(target, isNode).Any(version => !IsSame(method.Description.Name, version)) ? method : null;

    /// <summary>Makes such a call.</summary>
    /// <param name="target">A node id or a role; empty for any node.</param>
    /// <param name="isNode">Whether it is a node id.</param>
    /// <param name="method">The method, as this program knows it.</param>
    /// <param name="request">The call, for its arguments.</param>
    public async ValueTask<T?> InvokeAsync<T>(string target, bool isNode, ServiceContract.Method method, IInvokable request)
    {
        var left = request is ServiceRequest call ? TimeSpan.FromMilliseconds(Math.Max(1, call.Deadline - CallClock.Now)) : (TimeSpan?)null;
        var parameters = Write(method, request, [.. VersionsAt(target, isNode).Select(version => version.Method(method.Description.Name)).OfType<MethodDescription>()]);
        var outcome = await invoker.Value.InvokeAsync(
            Address.Format(_own.Description.Name, target, method.Description.Name),
            parameters,
            caller: null,
            new CallOptions(left),
            request.GetCancellationToken());
        return outcome.GetResultOrThrow().Deserialize<T>();
    }

    /// <summary>Makes such a call that nobody waits for; false when Orleans can deliver it.</summary>
    /// <inheritdoc cref="MethodThatDiffers"/>
    public bool TrySend(string target, bool isNode, IInvokable request)
    {
        var method = MethodThatDiffers(target, isNode, request);
        if (method is not null)
        {
            InvokeAsync<object>(target, isNode, method, request).AsTask().Ignore();
        }

        return method is not null;
    }

    private bool Compare(RegistrySnapshot snapshot)
    {
        var isSame = snapshot.Service(_own.Description.Name) is not { } service
            || service.Versions.All(version => _own.Methods.All(method => IsSame(method.Description.Name, version)));
        if (isSame)
        {
            _same = snapshot;
        }
        else
        {
            _other = snapshot;
        }

        return isSame;
    }

    // Of a node that does not tell nothing is known, so it is called as ever.
    private bool IsSame(string method, ServiceDescription version) =>
        version.Signature is null
        || (version.Signature.Methods.TryGetValue(method, out var theirs) && theirs.Id == _own.Description.Signature!.Methods[method].Id);

    // What a client sends is read by the node that it is connected to, which can have any of the versions.
    private IEnumerable<ServiceDescription> VersionsAt(string target, bool isNode)
    {
        var service = registry.Current.Service(_own.Description.Name);
        return !isNode || registry.IsOfClient ? service?.Versions ?? []
            : service?.OnNode(target) is { } instance ? [instance.Description]
            : [];
    }

    private ServiceContract.Method? MethodOf(IInvokable request) => _methods.GetOrAdd(
        request.GetType(),
        static (_, call) => call.contract._own.Methods.FirstOrDefault(method => method.Info == call.request.GetMethod()),
        (contract: this, request));

    // A parameter that not all versions have and that was left out stays out: those that have it know its default.
    private static RawJson Write(ServiceContract.Method method, IInvokable request, MethodDescription[] versions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var parameter in method.Parameters)
        {
            var value = request.GetArgument(parameter.Info.Position);
            var isKnown = versions.All(version => version.Parameters.Any(known => known.Name == parameter.Description.Name));
            if (isKnown || !parameter.Description.Optional || !IsDefault(value, parameter.Default))
            {
                writer.WritePropertyName(parameter.Description.Name);
                JsonSerializer.Serialize(writer, value, parameter.Info.ParameterType, WireJson.Options);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return new RawJson(buffer.WrittenMemory);
    }

    private static bool IsDefault(object? value, object? fallback) => Equals(value, fallback) || (value is Array { Length: 0 } && fallback is Array { Length: 0 });
}
