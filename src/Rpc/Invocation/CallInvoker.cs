using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation.Idempotency;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;
using Orrery.Rpc.Security;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Invocation;

/// <summary>Makes calls that carry JSON: what stands behind the gateway, and behind dynamic calls and calls by address.</summary>
public sealed partial class CallInvoker
{
    private static readonly RpcError TooManyFromOutside = RpcError.NotExecuted(
        RpcErrorCode.Overloaded, RpcErrorReason.Overloaded, "The gateway has as many calls on their way as it may.", retryable: true) with
    { RetryAfterMs = 100 };

    private readonly Router _router;
    private readonly Failover _failover;
    private readonly CallLimit _outside;
    private readonly KeyedCalls _keyed;
    private readonly IGrainFactory _grains;
    private readonly CallStatistics _statistics;
    private readonly CallLog _log;
    private readonly ILogger<CallInvoker> _logger;

    internal CallInvoker(Router router, Failover failover, CallLimit outside, KeyedCalls keyed, IGrainFactory grains, CallStatistics statistics, CallLog log, ILogger<CallInvoker> logger)
    {
        _router = router;
        _failover = failover;
        _outside = outside;
        _keyed = keyed;
        _grains = grains;
        _statistics = statistics;
        _log = log;
        _logger = logger;
    }

    /// <summary>How many calls from outside are on their way.</summary>
    internal int CallsFromOutside => _outside.Running;

    /// <summary>Makes a call. Never throws but for the caller's own cancellation: every failure is an outcome.</summary>
    /// <param name="address"><c>service/method</c> or <c>service/target/method</c>.</param>
    /// <param name="parameters">A JSON object or array, or nothing. Must not change until the call is over.</param>
    /// <param name="caller">The caller outside the cluster that the call came from, who may not call everything; null for a service.</param>
    /// <param name="options">What else the caller says of the call.</param>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits; the method sees it if it takes a token.</param>
    public ValueTask<CallOutcome> InvokeAsync(ReadOnlySpan<char> address, RawJson parameters, Caller? caller, in CallOptions options, CancellationToken cancellationToken) =>
        InvokeAsync(address, parameters, caller, fromOutside: caller is not null, options, cancellationToken);

    /// <summary>The same, also for a call that came from outside and is counted elsewhere.</summary>
    internal ValueTask<CallOutcome> InvokeAsync(ReadOnlySpan<char> address, RawJson parameters, Caller? caller, bool fromOutside, in CallOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var error = _router.Resolve(address, caller, out var route);
        if (error is null && fromOutside && _outside.IsFull && !route.Service.AlwaysOn)
        {
            error = TooManyFromOutside;
        }

        if (error is null)
        {
            // Whether a request from outside begins a trace was decided when it came.
            var isTraced = fromOutside ? CallSpans.AreInTrace : CallSpans.AreInTraceOrBegin;
            var call = new Call(route, parameters, caller, fromOutside, _log.IsEnabled || isTraced || options.IdempotencyKey is not null ? address.ToString() : null, cancellationToken);
            // Whoever asks from a service measures the whole of its own call.
            return fromOutside || isTraced ? ObserveAsync(call, options, started, isTraced) : InvokeAsync(call, options);
        }

        if (_log.IsEnabled)
        {
            _log.Write(address.ToString(), "none", started, error);
        }

        if (fromOutside)
        {
            CallMetrics.NoteAnswered(method: null, started, error);
        }

        return new(error);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> ObserveAsync(Call call, CallOptions options, long started, bool isTraced)
    {
        var name = call.Route.Instance.Counter(call.Route.Method.Name, _statistics).Name;
        var span = isTraced ? CallSpans.Make(name, call.Address) : null;
        RpcError? error = CallFailure.NoAnswerInTime;
        try
        {
            var outcome = await InvokeAsync(call, options);
            error = outcome.Error;
            return outcome;
        }
        finally
        {
            if (call.FromOutside)
            {
                CallMetrics.NoteAnswered(name, started, error);
            }

            CallSpans.End(span, error);
        }
    }

    private ValueTask<CallOutcome> InvokeAsync(in Call call, in CallOptions options)
    {
        // Only a call that says something of its own needs a context of its own.
        var isPlain = options is { Timeout: null, Trace: null, IdempotencyKey: null } && (call.Route.Method.TimeoutMs == MethodDescription.DefaultTimeoutMs || CallContext.Current is not null);
        return isPlain ? InvokeAsync(call) : InvokeInScopeAsync(call, options);
    }

    private async ValueTask<CallOutcome> InvokeInScopeAsync(Call call, CallOptions options)
    {
        var timeout = options.Timeout ?? (CallContext.Current is null ? TimeSpan.FromMilliseconds(call.Route.Method.TimeoutMs) : null);
        var cancellationToken = call.CancellationToken;
        using var scope = CallScope.Begin(timeout, options.Trace, cancellationToken);
        try
        {
            call = call with { CancellationToken = scope.CancellationToken };
            return await (options.IdempotencyKey is not null ? InvokeKeyedAsync(call, options) : InvokeAsync(call));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return CallFailure.NoAnswerInTime;
        }
    }

    private async ValueTask<CallOutcome> InvokeKeyedAsync(Call call, CallOptions options)
    {
        var ownTimeout = TimeSpan.FromMilliseconds(call.Route.Method.TimeoutMs);
        var keyed = new KeyedCall(call.Address!, call.Parameters, call.Route.Method.Idempotent, options.Timeout > ownTimeout ? options.Timeout.Value : ownTimeout, call.Caller);
        _outside.Enter();
        try
        {
            return await _keyed.InvokeAsync(call.Route, keyed, options.IdempotencyKey!, options.Trace, call.CancellationToken);
        }
        finally
        {
            _outside.Leave();
        }
    }

    private ValueTask<CallOutcome> InvokeAsync(in Call call) =>
        call.Route.All is not null ? InvokeAllAsync(call)
        : call.Route is { Method.Hedged: true, Role: not null } ? InvokeHedgedAsync(call)
        : call.Route is { Method.Idempotent: true, Role: not null, Instance.IsLocal: false } ? InvokeIdempotentAsync(call)
        : InvokeOneAsync(call);

    // All start at once, so the time that one call has is the deadline of all.
    private async ValueTask<CallOutcome> InvokeAllAsync(Call call)
    {
        var answers = await Task.WhenAll(call.Route.All!.Select(async instance =>
        {
            var outcome = await AttemptAsync(call, instance);
            return new NodeAnswer<RawJson>(instance.Node.NodeId, outcome.Result, outcome.Error);
        }));
        return RawJson.From(answers.OrderBy(answer => answer.NodeId, StringComparer.Ordinal).ToArray());
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> InvokeOneAsync(Call call)
    {
        var outcome = await AttemptAsync(call, call.Route.Instance);
        return outcome.Error is { } error && call.Route.Role is not null && (CallFailure.IsOfVersion(error) || _failover.MayTryAgain(error, call.Route.Method.Idempotent, attempts: 1))
            ? await InvokeElsewhereAsync(call, outcome, error, [call.Route.Instance])
            : outcome;
    }

    private async ValueTask<CallOutcome> InvokeElsewhereAsync(Call call, CallOutcome outcome, RpcError error, List<ServiceInstance> tried)
    {
        do
        {
            if (await OtherAsync(call, error, tried) is not { } other)
            {
                return outcome;
            }

            tried.Add(other);
            CallMetrics.NoteRetry();
            outcome = await AttemptAsync(call, other);
            error = outcome.Error!;
        }
        while (error is not null && (CallFailure.IsOfVersion(error) || _failover.MayTryAgain(error, call.Route.Method.Idempotent, tried.Count)));
        return outcome;
    }

    // What one version of the service does not take, another one may. To ask costs a node no more than a look at the call,
    // and there are few versions, so the budget of retries is not for this.
    private async ValueTask<ServiceInstance?> OtherAsync(Call call, RpcError error, List<ServiceInstance> tried)
    {
        if (CallFailure.IsOfVersion(error))
        {
            return _router.PickOfAnotherVersion(call.Route.Service.Name, call.Route.Method.Name, call.Route.Role!, tried);
        }

        await _failover.PauseAsync(tried.Count, call.CancellationToken);
        return _router.PickOther(call.Route.Service.Name, call.Route.Method.Name, call.Route.Role!, tried);
    }

    // The first answer counts, and the other attempt is given up.
    private async ValueTask<CallOutcome> InvokeHedgedAsync(Call call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        call = call with { CancellationToken = end.Token };
        var outcome = await InvokeBesideAsync(call, InvokeOneAsync(call).AsTask());
        await end.CancelAsync();
        return outcome;
    }

    // A node that has just hung is not known to: a method that may run twice need not wait until it is.
    private async ValueTask<CallOutcome> InvokeIdempotentAsync(Call call)
    {
        var first = InvokeOneAsync(call);
        return first.IsCompleted ? await first : await InvokeBesideAsync(call, first.AsTask());
    }

    private async ValueTask<CallOutcome> InvokeBesideAsync(Call call, Task<CallOutcome> first)
    {
        try
        {
            return await first.WaitAsync(call.Route.Instance.Patience(call.Route.Method, _statistics), CancellationToken.None);
        }
        catch (TimeoutException) when (!first.IsCompleted)
        {
            // The first attempt goes on.
        }

        if (_router.PickOther(call.Route.Service.Name, call.Route.Method.Name, call.Route.Role!, [call.Route.Instance]) is not { } other || !_failover.MayHedge())
        {
            return await first;
        }

        CallMetrics.NoteHedge();
        var second = AttemptAsync(call, other).AsTask();
        var winner = await Task.WhenAny(first, second);
        var outcome = await winner;
        // An attempt that the platform failed says nothing while the other one may still answer.
        return outcome.Error is { Executed: not Executed.Yes } ? await (winner == first ? second : first) : outcome;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> AttemptAsync(Call call, ServiceInstance instance)
    {
        CallOutcome outcome;
        var method = call.Route.Method;
        var started = Stopwatch.GetTimestamp();
        instance.CallBegins(started);
        if (call.FromOutside)
        {
            _outside.Enter();
        }

        try
        {
            // A token costs a message of its own when it is cancelled, and a little always: only who listens gets one.
            var endpoint = instance.Endpoint(_grains);
            outcome = await (method.Cancellable
                ? endpoint.InvokeCancellable(method.Name, call.Parameters, call.Caller, call.CancellationToken)
                : endpoint.Invoke(method.Name, call.Parameters, call.Caller));
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            // Whether for the caller or for the clock, the one that made the scope knows.
            Note(call, instance, started, CallFailure.NoAnswerInTime);
            throw;
        }
        catch (Exception exception)
        {
            outcome = ErrorOf(call.Route, instance, exception);
        }

        Note(call, instance, started, outcome.Error);
        return outcome;
    }

    private void Note(in Call call, ServiceInstance instance, long started, RpcError? error)
    {
        if (call.FromOutside)
        {
            _outside.Leave();
        }

        instance.CallEnds(started, error);
        var counter = instance.Counter(call.Route.Method.Name, _statistics);
        counter.Count(started, error?.Code ?? 0);
        CallMetrics.NoteAttempt(counter.Name, started, error);
        CallSpans.NoteAttempt(instance.Node.NodeId, error);
        CallContext.Current?.Trace?.Add(new CallAttempt(instance.Node.NodeId, Stopwatch.GetElapsedTime(started).TotalMilliseconds, error));
        if (call.Address is not null)
        {
            _log.Write(call.Address, instance.Node.NodeId, started, error);
        }
    }

    // The endpoint gives back every outcome of the method as a value, so an exception that is none of the platform's
    // comes from before it ran: the service could not be activated.
    private RpcError ErrorOf(in Route route, ServiceInstance instance, Exception exception)
    {
        var error = CallFailure.From(exception, otherwise: Executed.No);
        if (error.Reason != RpcErrorReason.InternalError)
        {
            return error;
        }

        var traceId = CallFailure.TraceId();
        LogNotStarted(exception, route.Service.Name, instance.Node.NodeId, traceId);
        return CallFailure.Unexpected(Executed.No, traceId);
    }

    [LoggerMessage(LogLevel.Error, "The service {Service} could not be started on {NodeId}, trace id {TraceId}")]
    private partial void LogNotStarted(Exception exception, string service, string nodeId, string traceId);

    /// <summary>A call on its way.</summary>
    /// <param name="Route">Where it goes.</param>
    /// <param name="Parameters">Its parameters.</param>
    /// <param name="Caller">The caller outside that made it; null for a service.</param>
    /// <param name="FromOutside">Whether it counts as one of those that came through the gateway.</param>
    /// <param name="Address">Its address when it has a key, is traced, or somebody reads the log; else null.</param>
    /// <param name="CancellationToken">Cancelled when nobody waits any more.</param>
    private readonly record struct Call(Route Route, RawJson Parameters, Caller? Caller, bool FromOutside, string? Address, CancellationToken CancellationToken);
}
