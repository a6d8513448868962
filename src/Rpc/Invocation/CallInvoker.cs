using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation.Batches;
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
    private readonly bool _isFiltered;
    private readonly ILogger<CallInvoker> _logger;

    internal CallInvoker(
        Router router, Failover failover, CallLimit outside, KeyedCalls keyed, IGrainFactory grains, CallStatistics statistics, CallLog log, IEnumerable<IOutgoingGrainCallFilter> filters, ILogger<CallInvoker> logger)
    {
        _router = router;
        _failover = failover;
        _outside = outside;
        _keyed = keyed;
        _grains = grains;
        _statistics = statistics;
        _log = log;
        _isFiltered = filters.Any();
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

    /// <summary>The same, also for a call that came from outside and is counted elsewhere, and for one of a batch.</summary>
    internal ValueTask<CallOutcome> InvokeAsync(ReadOnlySpan<char> address, RawJson parameters, Caller? caller, bool fromOutside, in CallOptions options, CancellationToken cancellationToken, CallGroup? group = null)
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
            var text = _log.IsEnabled || isTraced || options.IdempotencyKey is not null ? address.ToString() : null;
            var isPlain = !isTraced && IsPlain(route, options);
            // Whoever asks from a service measures the whole of its own call.
            var call = new Call(route, parameters, caller, fromOutside, text, isPlain ? group : null, cancellationToken);
            return isPlain ? InvokeAsync(call, fromOutside ? started : null)
                : fromOutside || isTraced ? ObserveAsync(call, options, started, isTraced)
                : InvokeInScopeAsync(call, options);
        }

        if (_log.IsEnabled)
        {
            _log.Write(address.ToString(), "none", started, error);
        }

        if (fromOutside)
        {
            CallMetrics.NoteAnswered(method: null, started, Stopwatch.GetTimestamp(), error);
        }

        return new(error);
    }

    /// <summary>Begins a batch of calls of one caller.</summary>
    internal CallGroup BeginGroup(Caller? caller) => new(_grains, caller);

    // It goes to one node at a time, and needs no context of its own because it says nothing of its own.
    private static bool IsPlain(in Route route, in CallOptions options) =>
        options is { Timeout: null, Trace: null, IdempotencyKey: null }
        && (route.Method.TimeoutMs == MethodDescription.DefaultTimeoutMs || CallContext.Current is not null)
        && route.All is null
        && !(route.Method.Hedged && route.HasOthers);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> ObserveAsync(Call call, CallOptions options, long started, bool isTraced)
    {
        var name = NameOf(call);
        var span = isTraced ? CallSpans.Make(name, call.Address) : null;
        RpcError? error = CallFailure.NoAnswerInTime;
        try
        {
            var outcome = await (IsPlain(call.Route, options) ? InvokeAsync(call) : InvokeInScopeAsync(call, options));
            error = outcome.Error;
            return outcome;
        }
        finally
        {
            if (call.FromOutside)
            {
                CallMetrics.NoteAnswered(name, started, Stopwatch.GetTimestamp(), error);
            }

            CallSpans.End(span, error);
        }
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

    // Whoever gives a time when the call came has it noted that it was answered.
    private ValueTask<CallOutcome> InvokeAsync(Call call, long? arrived = null) =>
        call.Route.All is not null ? InvokeAllAsync(call)
        : call.Route is { Method.Hedged: true, HasOthers: true } ? InvokeHedgedAsync(call)
        : call.Route is { Method.Idempotent: true, HasOthers: true, Instance.IsLocal: false } ? InvokeWatchedAsync(call, arrived)
        : InvokeOneAsync(call, arrived);

    // All start at once, so the time that one call has is the deadline of all.
    private async ValueTask<CallOutcome> InvokeAllAsync(Call call)
    {
        var answers = await Task.WhenAll(call.Route.All!.Select(async instance =>
        {
            var outcome = await InvokeOneAsync(call with { Route = call.Route with { Instance = instance } }, arrived: null);
            return new NodeAnswer<RawJson>(instance.Node.NodeId, outcome.Result, outcome.Error);
        }));
        return RawJson.From(answers.OrderBy(answer => answer.NodeId, StringComparer.Ordinal).ToArray());
    }

    // The path of nearly every call: one state machine, whatever becomes of it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> InvokeOneAsync(Call call, long? arrived)
    {
        var instance = call.Route.Instance;
        var begin = arrived;
        List<ServiceInstance>? tried = null;
        while (true)
        {
            CallOutcome outcome;
            var counter = instance.Counter(call.Route.Method.Name, _statistics);
            var started = begin ?? Stopwatch.GetTimestamp();
            begin = null;
            Begin(call, instance, started);
            try
            {
                outcome = await Send(call, instance, counter, started);
            }
            catch (Exception exception)
            {
                outcome = Failed(call, instance, counter, started, exception);
            }

            var ended = Stopwatch.GetTimestamp();
            End(call, instance, counter, started, ended, outcome.Error);
            if (outcome.Error is { } error && MayTryAgain(call, error, 1 + (tried?.Count ?? 0)) && await OtherAsync(call, error, tried ??= [], instance) is { } other)
            {
                CallMetrics.NoteRetry();
                instance = other;
                call = call with { Group = null };
                continue;
            }

            if (arrived is not null)
            {
                CallMetrics.NoteAnswered(counter.Name, arrived.Value, ended, outcome.Error);
            }

            return outcome;
        }
    }

    private bool MayTryAgain(Call call, RpcError error, int attempts) =>
        call.Route.Role is not null && (CallFailure.IsOfVersion(error) || _failover.MayTryAgain(error, call.Route.Method.Idempotent, attempts));

    // What one version of the service does not take, another one may. To ask costs a node no more than a look at the call,
    // and there are few versions, so the budget of retries is not for this.
    private async ValueTask<ServiceInstance?> OtherAsync(Call call, RpcError error, List<ServiceInstance> tried, ServiceInstance last)
    {
        tried.Add(last);
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
        var outcome = await InvokeWatchedAsync(call with { CancellationToken = end.Token }, arrived: null);
        await end.CancelAsync();
        return outcome;
    }

    // A node that has just hung is not known to: a method that may run twice need not wait until it is.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> InvokeWatchedAsync(Call call, long? arrived)
    {
        var wait = PatientWait<CallOutcome>.For(InvokeOneAsync(call, arrived: null));
        var outcome = await wait.WaitAsync(call.Route.Instance.Patience(call.Route.Method, _statistics))
            ? wait.TakeResult()
            : await InvokeBesideAsync(call, wait.LateResult);
        if (arrived is not null)
        {
            CallMetrics.NoteAnswered(NameOf(call), arrived.Value, Stopwatch.GetTimestamp(), outcome.Error);
        }

        return outcome;
    }

    private async ValueTask<CallOutcome> InvokeBesideAsync(Call call, Task<CallOutcome> first)
    {
        if (_router.PickOther(call.Route.Service.Name, call.Route.Method.Name, call.Route.Role!, [call.Route.Instance]) is not { } other || !_failover.MayHedge())
        {
            return await first;
        }

        CallMetrics.NoteHedge();
        // To that node and no other.
        var second = InvokeOneAsync(call with { Route = call.Route with { Instance = other, Role = null }, Group = null }, arrived: null).AsTask();
        var winner = await Task.WhenAny(first, second);
        var outcome = await winner;
        // An attempt that the platform failed says nothing while the other one may still answer.
        return outcome.Error is { Executed: not Executed.Yes } ? await (winner == first ? second : first) : outcome;
    }

    private void Begin(Call call, ServiceInstance instance, long started)
    {
        instance.CallBegins(started);
        if (call.FromOutside)
        {
            _outside.Enter();
        }
    }

    // A token costs a message of its own when it is cancelled, and a little always: only who listens gets one.
    private ValueTask<CallOutcome> Send(Call call, ServiceInstance instance, CallCounter counter, long started)
    {
        var method = call.Route.Method;
        return method.Cancellable ? instance.Endpoint(_grains).InvokeCancellable(method.Name, call.Parameters, call.Caller, call.CancellationToken)
            : call.Group is not null ? call.Group.Add(instance, method.Name, call.Parameters)
            : !instance.IsLocal && instance.Messages(_grains) is var messages && messages.Suit(counter, call.Parameters, started) && CarriesNothing ? messages.Invoke(counter, method.Name, call.Parameters, call.Caller)
            : instance.Endpoint(_grains).Invoke(method.Name, call.Parameters, call.Caller);
    }

    // Whether all that a call takes along is what it is made with: in a message with others there is no room for more.
    private bool CarriesNothing => !_isFiltered && CallContext.Current is null && !CallSpans.AreInTrace && !RequestContext.Keys.Any();

    private CallOutcome Failed(Call call, ServiceInstance instance, CallCounter counter, long started, Exception exception)
    {
        if (exception is not OperationCanceledException || !call.CancellationToken.IsCancellationRequested)
        {
            return ErrorOf(call.Route, instance, exception);
        }

        // Whether for the caller or for the clock, the one that made the scope knows.
        End(call, instance, counter, started, Stopwatch.GetTimestamp(), CallFailure.NoAnswerInTime);
        ExceptionDispatchInfo.Throw(exception);
        return default;
    }

    private void End(Call call, ServiceInstance instance, CallCounter counter, long started, long ended, RpcError? error)
    {
        if (call.FromOutside)
        {
            _outside.Leave();
        }

        instance.CallEnds(counter, started, ended, error);
        if (call.Address is not null)
        {
            _log.Write(call.Address, instance.Node.NodeId, started, error);
        }
    }

    private string NameOf(Call call) => call.Route.Instance.Counter(call.Route.Method.Name, _statistics).Name;

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
    /// <param name="Group">What it is sent with, when it is one of a batch; else null.</param>
    /// <param name="CancellationToken">Cancelled when nobody waits any more.</param>
    private sealed record Call(
        Route Route, RawJson Parameters, Caller? Caller, bool FromOutside, string? Address, CallGroup? Group, CancellationToken CancellationToken);
}
