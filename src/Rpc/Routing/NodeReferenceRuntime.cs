using Orleans.CodeGeneration;
using Orleans.GrainReferences;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orrery.Rpc.Routing;

/// <summary>Sends the calls of a typed reference to the node in its key: as Orleans does, while all nodes run what this program was built with.</summary>
/// <param name="contract">What it was built with.</param>
/// <param name="inner">Orleans' own.</param>
internal sealed class NodeReferenceRuntime(TypedContract contract, IGrainReferenceRuntime inner) : IGrainReferenceRuntime
{
    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        contract.IsEverywhere ? inner.InvokeMethodAsync<T>(reference, request, options) : InvokeVersionAsync<T>(reference, request, options);

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        return contract.IsEverywhere ? inner.InvokeMethodAsync(reference, request, options) : Discard(InvokeVersionAsync<object>(reference, request, options));

        static async ValueTask Discard(ValueTask<object?> call) => await call;
    }

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        if (contract.IsEverywhere || !contract.TrySend(NodeOf(reference), isNode: true, request))
        {
            inner.InvokeMethod(reference, request, options);
        }
    }

    public object Cast(IAddressable grain, Type interfaceType) => inner.Cast(grain, interfaceType);

    private ValueTask<T?> InvokeVersionAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var node = NodeOf(reference);
        return contract.MethodThatDiffers(node, isNode: true, request) is { } method
            ? contract.InvokeAsync<T>(node, isNode: true, method, request)
            : inner.InvokeMethodAsync<T>(reference, request, options);
    }

    private static string NodeOf(GrainReference reference) => reference.GrainId.Key.ToString()!;
}
