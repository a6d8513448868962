using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Invocation;

/// <summary>Makes calls that carry JSON: what stands behind the gateway, and behind dynamic calls and calls by address.</summary>
public sealed partial class CallInvoker
{
    private readonly Router _router;
    private readonly IGrainFactory _grains;
    private readonly CallStatistics _statistics;
    private readonly CallLog _log;
    private readonly ILogger<CallInvoker> _logger;

    internal CallInvoker(Router router, IGrainFactory grains, CallStatistics statistics, CallLog log, ILogger<CallInvoker> logger)
    {
        _router = router;
        _grains = grains;
        _statistics = statistics;
        _log = log;
        _logger = logger;
    }

    /// <summary>Makes a call. Never throws but for the caller's own cancellation: every failure is an outcome.</summary>
    /// <param name="address"><c>service/method</c> or <c>service/target/method</c>.</param>
    /// <param name="parameters">A JSON object or array, or nothing. Must not change until the call is over.</param>
    /// <param name="fromOutside">Whether the caller is outside the cluster: it may call public methods only.</param>
    /// <param name="options">What else the caller says of the call.</param>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits; the method sees it if it takes a token.</param>
    public ValueTask<CallOutcome> InvokeAsync(ReadOnlySpan<char> address, RawJson parameters, bool fromOutside, in CallOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (_router.Resolve(address, fromOutside, out var route) is not { } error)
        {
            var logged = _log.IsEnabled ? address.ToString() : null;
            return route.All is null
                ? InvokeAsync(route, parameters, started, logged, cancellationToken)
                : InvokeAllAsync(route, parameters, started, logged, cancellationToken);
        }

        if (_log.IsEnabled)
        {
            _log.Write(address.ToString(), "none", started, error);
        }

        return new(error);
    }

    // All start at once, so the time that one call has is the deadline of all.
    private async ValueTask<CallOutcome> InvokeAllAsync(Route route, RawJson parameters, long started, string? address, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(route.All!.Select(async instance =>
        {
            var outcome = await InvokeAsync(route with { Instance = instance }, parameters, started, address, cancellationToken);
            return new NodeAnswer<RawJson>(instance.Node.NodeId, outcome.Result, outcome.Error);
        }));
        return RawJson.From(answers.OrderBy(answer => answer.NodeId, StringComparer.Ordinal).ToArray());
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<CallOutcome> InvokeAsync(Route route, RawJson parameters, long started, string? address, CancellationToken cancellationToken)
    {
        CallOutcome outcome;
        var node = route.Instance.Node;
        var counter = route.Instance.Counter(route.Method.Name, _statistics);
        node.CallBegins();
        try
        {
            // A token costs a message of its own when it is cancelled, and a little always: only who listens gets one.
            var endpoint = route.Instance.Endpoint(_grains);
            outcome = await (route.Method.Cancellable
                ? endpoint.InvokeCancellable(route.Method.Name, parameters, cancellationToken)
                : endpoint.Invoke(route.Method.Name, parameters));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            counter.Count(started, (int)RpcErrorCode.DeadlineExceeded);
            throw;
        }
        catch (Exception exception)
        {
            outcome = ErrorOf(route, exception);
        }
        finally
        {
            node.CallEnds();
        }

        counter.Count(started, outcome.Error?.Code ?? 0);
        if (address is not null)
        {
            _log.Write(address, node.NodeId, started, outcome.Error);
        }

        return outcome;
    }

    // The endpoint gives back every outcome of the method as a value, so an exception that is none of the platform's
    // comes from before it ran: the service could not be activated.
    private RpcError ErrorOf(Route route, Exception exception)
    {
        var error = CallFailure.From(exception, otherwise: Executed.No);
        if (error.Reason != RpcErrorReason.InternalError)
        {
            return error;
        }

        var traceId = CallFailure.TraceId();
        LogNotStarted(exception, route.Service.Name, route.Instance.Node.NodeId, traceId);
        return CallFailure.Unexpected(Executed.No, traceId);
    }

    [LoggerMessage(LogLevel.Error, "The service {Service} could not be started on {NodeId}, trace id {TraceId}")]
    private partial void LogNotStarted(Exception exception, string service, string nodeId, string traceId);
}
