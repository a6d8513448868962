using Orleans.Serialization.Invocation;

namespace Orrery.Rpc.Invocation.Requests;

/// <summary>A call of a method that returns a <see cref="ValueTask{TResult}"/>.</summary>
[SerializerTransparent]
public abstract class ValueTaskServiceRequest<TResult> : ServiceRequest
{
    /// <summary>Calls the method.</summary>
    protected abstract ValueTask<TResult> InvokeInner();

    private protected sealed override ValueTask<Response> Start() => Complete(InvokeInner());
}

/// <summary>A call of a method that returns a <see cref="ValueTask"/>.</summary>
[SerializerTransparent]
public abstract class ValueTaskServiceRequest : ServiceRequest
{
    /// <summary>Calls the method.</summary>
    protected abstract ValueTask InvokeInner();

    private protected sealed override ValueTask<Response> Start() => Complete(InvokeInner());
}
