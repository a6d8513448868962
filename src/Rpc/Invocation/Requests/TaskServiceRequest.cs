using Orleans.Serialization.Invocation;

namespace Orrery.Rpc.Invocation.Requests;

/// <summary>A call of a method that returns a <see cref="Task{TResult}"/>.</summary>
[SerializerTransparent]
public abstract class TaskServiceRequest<TResult> : ServiceRequest
{
    /// <summary>Calls the method.</summary>
    protected abstract Task<TResult> InvokeInner();

    private protected sealed override ValueTask<Response> Start() => Complete(new ValueTask<TResult>(InvokeInner()));
}

/// <summary>A call of a method that returns a <see cref="Task"/>.</summary>
[SerializerTransparent]
public abstract class TaskServiceRequest : ServiceRequest
{
    /// <summary>Calls the method.</summary>
    protected abstract Task InvokeInner();

    private protected sealed override ValueTask<Response> Start() => Complete(new ValueTask(InvokeInner()));
}
