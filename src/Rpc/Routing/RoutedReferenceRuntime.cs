using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text;
using Orleans.CodeGeneration;
using Orleans.GrainReferences;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Requests;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Routing;

/// <summary>
/// Sends the calls of a typed reference. With a router, each call goes to the node that the router chooses for the role
/// in the reference's key; without one, to the node in the key, as Orleans itself would. Both are logged.
/// </summary>
internal sealed class RoutedReferenceRuntime(
    IGrainReferenceActivator plain,
    GrainType grainType,
    TypedContract? contract,
    Router? router,
    IGrainReferenceRuntime inner,
    Failover failover,
    CallStatistics statistics,
    CallLog log) : IGrainReferenceRuntime
{
    private readonly string _service = ServiceContract.NameOf(grainType);
    private readonly ConditionalWeakTable<ServiceInstance, GrainReference> _references = [];
    private readonly ConcurrentDictionary<Type, string> _methods = [];

    // No ConfigureAwait(false) here: on a grain, what follows an await must stay on the grain's scheduler.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var target = Target(reference, out var instance, out var hasOthers);
        // Asked after the choice, so that no other version can have come in between.
        if (MethodThatDiffers(reference, request) is { } different)
        {
            return await contract!.InvokeAsync<T>(TargetOf(reference), isNode: router is null, different, request);
        }

        // The first attempt is made here and not in a method of its own: each that waits for a call costs it memory.
        var started = Begin(instance);
        T? result = default;
        Task<T?>? late = null;
        try
        {
            var call = inner.InvokeMethodAsync<T>(target, request, options);
            if (!hasOthers || instance is null or { IsLocal: true } || Idempotent(request) is not { } method)
            {
                result = await call;
            }
            else
            {
                var wait = PatientWait<T?>.For(call);
                if (await wait.WaitAsync(instance.Patience(method, statistics)))
                {
                    result = wait.TakeResult();
                }
                else
                {
                    late = wait.LateResult;
                }
            }
        }
        catch (Exception exception)
        {
            Note(reference, request, started, target, instance, exception);
            if (!MayTryAgain(request, instance, exception, attempts: 1))
            {
                throw;
            }

            return await InvokeElsewhereAsync<T>(reference, request, options, instance!, ExceptionDispatchInfo.Capture(exception));
        }

        if (late is not null)
        {
            return await InvokeBesideAsync(reference, request, options, instance!, AttemptAsync(reference, request, options, target, instance, started, late).AsTask());
        }

        Note(reference, request, started, target, instance, exception: null);
        return result;
    }

    private async ValueTask<T?> InvokeElsewhereAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options, ServiceInstance first, ExceptionDispatchInfo failure)
    {
        List<ServiceInstance> tried = [first];
        while (true)
        {
            await failover.PauseAsync(tried.Count, request.GetCancellationToken());
            var instance = router!.PickOther(_service, MethodOf(request), TargetOf(reference), tried);
            if (instance is null)
            {
                failure.Throw();
            }

            tried.Add(instance);
            CallMetrics.NoteRetry();
            (request as ServiceRequest)?.BeginAgain();
            try
            {
                return await AttemptAsync<T>(reference, request, options, ReferenceTo(instance), instance, Begin(instance));
            }
            catch (Exception exception) when (MayTryAgain(request, instance, exception, tried.Count))
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }
    }

    // A node that has just hung is not known to: a method that may run twice need not wait until it is.
    private async ValueTask<T?> InvokeBesideAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options, ServiceInstance instance, Task<T?> first)
    {
        try
        {
            // Not here: running it here takes the arguments out of the request, and the first attempt may not have left yet.
            if (router!.PickOther(_service, MethodOf(request), TargetOf(reference), [instance]) is not { IsLocal: false } other || MethodThatDiffers(reference, request) is not null || !failover.MayHedge())
            {
                return await first;
            }

            CallMetrics.NoteHedge();
            (request as ServiceRequest)?.BeginAgain();
            var second = AttemptAsync<T>(reference, request, options, ReferenceTo(other), other, Begin(other)).AsTask();
            var winner = await Task.WhenAny(first, second);
            // An attempt that the platform failed says nothing while the other one may still answer.
            return await (winner.Exception is { } failure && CallFailure.From(failure.InnerException!).Executed is not Executed.Yes ? winner == first ? second : first : winner);
        }
        catch (Exception exception) when (MayTryAgain(request, instance, exception, attempts: 1))
        {
            return await InvokeElsewhereAsync<T>(reference, request, options, instance, ExceptionDispatchInfo.Capture(exception));
        }
    }

    private static long Begin(ServiceInstance? instance)
    {
        var started = Stopwatch.GetTimestamp();
        instance?.CallBegins(started);
        return started;
    }

    // One that is running already, or a new one.
    private async ValueTask<T?> AttemptAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options, GrainReference target, ServiceInstance? instance, long started, Task<T?>? running = null)
    {
        try
        {
            var result = await (running is null ? inner.InvokeMethodAsync<T>(target, request, options) : new ValueTask<T?>(running));
            Note(reference, request, started, target, instance, null);
            return result;
        }
        catch (Exception exception)
        {
            Note(reference, request, started, target, instance, exception);
            throw;
        }
    }

    private MethodDescription? Idempotent(IInvokable request) => router!.Idempotent(_service, MethodOf(request));

    // A request that was run on this node, if only to be refused by a filter, has lost its arguments.
    private bool MayTryAgain(IInvokable request, ServiceInstance? instance, Exception exception, int attempts) =>
        instance is not null
        && exception is RpcException or OrleansMessageRejectionException
        && (!instance.IsLocal || request.GetTarget() is not null)
        && failover.MayTryAgain(CallFailure.From(exception), Idempotent(request) is not null, attempts);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        await InvokeMethodAsync<object>(reference, request, options);

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var target = Target(reference, out _, out _);
        if (contract is null or { IsEverywhere: true } || !contract.TrySend(TargetOf(reference), isNode: router is null, request))
        {
            inner.InvokeMethod(target, request, options);
        }
    }

    // A stream is read call by call: all of it must come from the node that began it.
    public object Cast(IAddressable grain, Type interfaceType) =>
        interfaceType == typeof(IAsyncEnumerableGrainExtension) && grain is GrainReference reference
            ? inner.Cast(Target(reference, out _, out _), interfaceType)
            : inner.Cast(grain, interfaceType);

    private GrainReference Target(GrainReference reference, out ServiceInstance? instance, out bool hasOthers)
    {
        if (router is null)
        {
            (instance, hasOthers) = (null, false);
            return plain.CreateReference(reference.GrainId);
        }

        var key = reference.GrainId.Key.AsSpan();
        Span<char> target = stackalloc char[key.Length];
        var length = Encoding.UTF8.GetChars(key[1..], target);
        if (!router.TryPick(_service, target[..length], out instance, out hasOthers, out var error))
        {
            throw new RpcException(error);
        }

        return ReferenceTo(instance);
    }

    private GrainReference ReferenceTo(ServiceInstance instance) => _references.GetValue(instance, found => plain.CreateReference(found.GrainId));

    private ServiceContract.Method? MethodThatDiffers(GrainReference reference, IInvokable request) =>
        contract is null or { IsEverywhere: true } ? null : contract.MethodThatDiffers(TargetOf(reference), isNode: router is null, request);

    private static string TargetOf(GrainReference reference) => reference.GrainId.Key.ToString()!.TrimStart(RoutedReferences.Marker);

    private void Note(GrainReference reference, IInvokable request, long started, GrainReference target, ServiceInstance? instance, Exception? exception)
    {
        var error = exception is null ? null : CallFailure.From(exception);
        if (instance is not null)
        {
            var ended = Stopwatch.GetTimestamp();
            instance.CallEnds(instance.Counter(MethodOf(request), statistics), started, ended, error);
        }

        if (log.IsEnabled)
        {
            log.Write(Address.Format(_service, TargetOf(reference), MethodOf(request)), target.GrainId.Key.ToString()!, started, exception);
        }
    }

    // Each method has a type of request of its own.
    private string MethodOf(IInvokable request) => _methods.TryGetValue(request.GetType(), out var name)
        ? name
        : _methods.GetOrAdd(request.GetType(), ServiceContract.NameOf(request.GetMethod()));
}
