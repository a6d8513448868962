using System.Diagnostics;
using Orleans.Runtime;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Routing;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Invocation.Requests;

/// <summary>What Orleans makes the references of services from, so that their calls are <see cref="ServiceRequest"/>s.</summary>
[DefaultInvokableBaseType(typeof(Task<>), typeof(TaskServiceRequest<>))]
[DefaultInvokableBaseType(typeof(Task), typeof(TaskServiceRequest))]
[DefaultInvokableBaseType(typeof(ValueTask<>), typeof(ValueTaskServiceRequest<>))]
[DefaultInvokableBaseType(typeof(ValueTask), typeof(ValueTaskServiceRequest))]
[DefaultInvokableBaseType(typeof(void), typeof(VoidRequest))]
[DefaultInvokableBaseType(typeof(IAsyncEnumerable<>), typeof(AsyncEnumerableRequest<>))]
public abstract class ServiceReference : GrainReference
{
    /// <summary>For the code that Orleans generates.</summary>
    /// <param name="shared">What references of the type have in common.</param>
    /// <param name="key">The node, or <c>@</c> and a role.</param>
    protected ServiceReference(GrainReferenceShared shared, IdSpan key)
        : base(shared, key)
    {
    }

    /// <summary>Makes a call.</summary>
    /// <param name="request">The call.</param>
    protected new ValueTask<T?> InvokeAsync<T>(IRequest request) =>
        CallSpans.AreInTraceOrBegin ? InvokeInSpanAsync<T>(request)
        : (request as ServiceRequest)?.Begin() is { } error ? ValueTask.FromException<T?>(new RpcException(error))
        : base.InvokeAsync<T>(request);

    /// <summary>Makes a call that has no result.</summary>
    /// <param name="request">The call.</param>
    protected new ValueTask InvokeAsync(IRequest request) =>
        CallSpans.AreInTraceOrBegin ? InvokeNothingInSpanAsync(request)
        : (request as ServiceRequest)?.Begin() is { } error ? ValueTask.FromException(new RpcException(error))
        : base.InvokeAsync(request);

    /// <summary>Makes a call that nobody waits for.</summary>
    /// <param name="request">The call.</param>
    protected new void Invoke(IRequest request) => base.Invoke(request);

    private async ValueTask InvokeNothingInSpanAsync(IRequest request) => await InvokeInSpanAsync<object>(request);

    private async ValueTask<T?> InvokeInSpanAsync<T>(IRequest request)
    {
        var span = Span(request);
        try
        {
            var result = (request as ServiceRequest)?.Begin() is { } error ? throw new RpcException(error) : await base.InvokeAsync<T>(request);
            CallSpans.End(span, error: null);
            return result;
        }
        catch (Exception exception)
        {
            CallSpans.End(span, CallFailure.From(exception));
            throw;
        }
    }

    // What is not the contract of a service carries a call that has its span.
    private Activity? Span(IRequest request)
    {
        if (!typeof(IService).IsAssignableFrom(request.GetInterfaceType()))
        {
            return null;
        }

        var (service, method) = (ServiceContract.NameOf(GrainId.Type), ServiceContract.NameOf(request.GetMethod()));
        return CallSpans.Make($"{service}/{method}", Address.Format(service, GrainId.Key.ToString()!.TrimStart(RoutedReferences.Marker), method));
    }
}
