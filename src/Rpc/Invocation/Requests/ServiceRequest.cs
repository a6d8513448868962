using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Security;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Invocation.Requests;

/// <summary>
/// A call of a service's method, on its way to the node that runs it. It takes its deadline along; on that node it does not
/// run when the time is up, the service is stopped or there is no room, and what it says of itself holds for it alone.
/// </summary>
[GenerateSerializer]
public abstract class ServiceRequest : RequestBase
{
    private static readonly ConcurrentDictionary<Type, RequestedMethod> Methods = [];

    [NonSerialized]
    private TimeSpan? _timeout;
    [NonSerialized]
    private CancellationToken _cancellationToken;
    [NonSerialized]
    private ServiceGate? _gate;
    [NonSerialized]
    private CallContext? _context;
    [NonSerialized]
    private Activity? _span;
    [NonSerialized]
    private long _started;

    /// <summary>When the caller's time is up, in milliseconds since 1970.</summary>
    [Id(0)]
    public long Deadline { get; set; }

    /// <summary>Who outside the cluster it is for; null for nobody.</summary>
    [Id(1)]
    public Caller? Caller { get; set; }

    /// <summary>The span that the call is part of; null when nobody traces it.</summary>
    [Id(2)]
    public string? SpanContext { get; set; }

    private bool IsLate => Deadline != 0 && CallClock.Now >= Deadline;

    /// <summary>The time that was left when the call was sent: how long Orleans waits for its answer.</summary>
    public sealed override TimeSpan? GetDefaultResponseTimeout() => _timeout;

    /// <summary>Ends the waiting for a method that takes no token of its own.</summary>
    public override CancellationToken GetCancellationToken() => _cancellationToken;

    /// <summary>Runs the method, on the node that the call came to.</summary>
    /// <exception cref="RpcException">
    /// It does not run. Thrown and not returned: Orleans takes the arguments out of a request that has returned on the
    /// caller's own node, and they are needed for the next attempt.
    /// </exception>
    public sealed override ValueTask<Response> Invoke()
    {
        var target = GetTarget();
        if (target is StoppedService stopped)
        {
            throw new RpcException(stopped.Error);
        }

        if (IsLate)
        {
            throw new RpcException(CallFailure.NoTimeLeft);
        }

        _started = Stopwatch.GetTimestamp();
        // What is no service, like the endpoint for calls that carry JSON, lets them in itself, and says itself which they are.
        if (target is not IService service)
        {
            return Run(name: null);
        }

        var served = Method.On(service);
        _gate = served.Gate;
        return _gate is null || _gate.TryEnter() ? Run(served.Name) : RunWhenThereIsRoomAsync(_gate, served.Name);
    }

    /// <summary>Fixes the deadline, before the first attempt. Gives the error when there is no time left.</summary>
    internal RpcError? Begin()
    {
        var now = CallClock.Now;
        var ambient = CallContext.Current;
        Deadline = now + Method.TimeoutMs;
        if (ambient is not null)
        {
            Deadline = ambient.Deadline is long.MaxValue ? Deadline : ambient.Deadline;
            Caller ??= ambient.Caller;
            _cancellationToken = ambient.CancellationToken;
        }

        SpanContext = CallSpans.Context;
        _timeout = TimeSpan.FromMilliseconds(Math.Max(1, Deadline - now));
        return Deadline > now ? null : CallFailure.NoTimeLeft;
    }

    /// <summary>Fixes how long the next attempt is waited for.</summary>
    internal void BeginAgain() => _timeout = TimeSpan.FromMilliseconds(Math.Max(1, Deadline - CallClock.Now));

    private protected abstract ValueTask<Response> Start();

    private protected ValueTask<Response> Complete<T>(ValueTask<T> call)
    {
        if (!call.IsCompletedSuccessfully)
        {
            return AwaitedAsync(call);
        }

        var result = call.GetAwaiter().GetResult();
        End(ErrorIn(result));
        return new(Response.FromResult(result));
    }

    private protected ValueTask<Response> Complete(ValueTask call)
    {
        if (!call.IsCompletedSuccessfully)
        {
            return AwaitedAsync(call);
        }

        End(error: null);
        return new(Response.Completed);
    }

    private Response Failed(Exception exception)
    {
        End(CallFailure.From(exception));
        return Response.FromException(OfMethodThatRan(exception));
    }

    private static Exception OfMethodThatRan(Exception exception) => exception switch
    {
        RpcException { Error.Executed: Executed.Yes } => exception,
        RpcException or OrleansMessageRejectionException => new RpcException(CallFailure.OfMethodThatRan(CallFailure.From(exception))),
        _ => exception,
    };

    // The endpoint gives every outcome as a value.
    private static RpcError? ErrorIn<T>(T result) => typeof(T) == typeof(CallOutcome) ? ((CallOutcome)(object)result!).Error : null;

    private async ValueTask<Response> RunWhenThereIsRoomAsync(ServiceGate gate, string name)
    {
        if (await gate.EnterAsync() is { } error)
        {
            throw new RpcException(error);
        }

        if (IsLate)
        {
            gate.Leave();
            throw new RpcException(CallFailure.NoTimeLeft);
        }

        return await Run(name);
    }

    private ValueTask<Response> Run(string? name)
    {
        _context = new CallContext(Deadline is 0 ? long.MaxValue : Deadline, GetCancellationToken(), caller: Caller) { Method = name }.Enter();
        _span = SpanContext is null ? null : CallSpans.Serve(SpanContext, name ?? GetActivityName());
        try
        {
            return Start();
        }
        catch (Exception exception)
        {
            return new(Failed(exception));
        }
    }

    private async ValueTask<Response> AwaitedAsync<T>(ValueTask<T> call)
    {
        try
        {
            var result = await call;
            End(ErrorIn(result));
            return Response.FromResult(result);
        }
        catch (Exception exception)
        {
            return Failed(exception);
        }
    }

    private async ValueTask<Response> AwaitedAsync(ValueTask call)
    {
        try
        {
            await call;
            End(error: null);
            return Response.Completed;
        }
        catch (Exception exception)
        {
            return Failed(exception);
        }
    }

    private void End(RpcError? error)
    {
        _context!.End();
        _gate?.Leave();
        if (_context.Method is { } method)
        {
            CallMetrics.NoteServed(method, _started, Stopwatch.GetTimestamp(), error);
        }

        CallSpans.End(_span, error);
    }

    private RequestedMethod Method => Methods.TryGetValue(GetType(), out var method) ? method : Methods.GetOrAdd(GetType(), new RequestedMethod(GetMethod()));
}
