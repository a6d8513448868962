using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Security;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Invocation;

/// <inheritdoc cref="IServiceEndpoint"/>
internal sealed partial class ServiceEndpoint : IServiceEndpoint
{
    // Of the calls in a message, so many run in one turn of the service as have begun by then.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(2);

    // Of the results of calls that share a message.
    private const int MostSharedBytes = 256 * 1024;

    private readonly ServiceInvokers.Service? _service;
    private readonly object _target;
    private readonly ServiceGate? _gate;
    private readonly ParcelRests _rests;
    private readonly IGrainContext _context;
    private readonly ILogger<ServiceEndpoint> _logger;

    public ServiceEndpoint(IGrainContext context, ServiceInvokers invokers, ParcelRests rests, IServiceProvider services, ILogger<ServiceEndpoint> logger)
    {
        _context = context;
        _rests = rests;
        _logger = logger;
        _service = invokers.Find(context.GrainId.Type);

        // A call through the grain's own reference passes its filters, at twice the price. A service grain is always
        // reentrant, so where nobody filters, calling the instance is the same thing.
        var isFiltered = context.GrainInstance is IIncomingGrainCallFilter || services.GetServices<IIncomingGrainCallFilter>().Any();
        _target = isFiltered && _service is not null && context.GrainInstance is not StoppedService ? context.GrainReference.Cast(_service.Contract) : context.GrainInstance!;
        // A call through the reference passes the gate by itself.
        _gate = ReferenceEquals(_target, context.GrainInstance) ? ServiceGate.Of(_target) : null;
    }

    public ValueTask Activate() => ValueTask.CompletedTask;

    public ValueTask<CallOutcome> Invoke(string method, RawJson parameters, Caller? caller) => InvokeCancellable(method, parameters, caller, CancellationToken.None);

    public ValueTask<CallOutcome> InvokeCancellable(string method, RawJson parameters, Caller? caller, CancellationToken cancellationToken)
    {
        if (Find(method, out var error) is not { } invoker)
        {
            return new(error!);
        }

        if (CallContext.Current is { } context)
        {
            context.Method = invoker.Name;
            context.Caller = caller ?? context.Caller;
        }

        if (CallSpans.AreWanted && Activity.Current is { } span)
        {
            CallSpans.Name(span, invoker.Name);
        }

        return Enter(invoker, method, parameters, caller, cancellationToken);
    }

    public async ValueTask<ParcelOutcome> InvokeMany(string[] methods, RawJsonList parameters, Caller? caller)
    {
        var deadline = CallContext.Current?.Deadline ?? long.MaxValue;
        var context = new CallContext(deadline, CancellationToken.None, caller: caller) { Method = methods[0] }.Enter();
        var calls = new ParcelCalls(methods.Length, context);
        var turn = Stopwatch.GetTimestamp();
        for (var i = 0; i < methods.Length; i++)
        {
            calls.Add(i, Serve(methods[i], parameters.Values[i], caller, deadline));
            // Others that call this service come between.
            if (i + 1 < methods.Length && Stopwatch.GetElapsedTime(turn) > LongestTurn)
            {
                await Task.Yield();
                turn = Stopwatch.GetTimestamp();
            }
        }

        // One of those that run may wait for one that was refused.
        return calls.IsAnyToBeMadeElsewhere ? _rests.Keep(calls) : await calls.WaitAsync();
    }

    public ValueTask<ParcelOutcome> InvokeShared(string[] methods, RawJsonList parameters, Caller? caller)
    {
        var message = CallContext.Current;
        var deadline = message?.Deadline ?? long.MaxValue;
        var outcomes = new CallOutcome[methods.Length];
        var first = 0L;
        var room = MostSharedBytes;
        var turn = Stopwatch.GetTimestamp();
        for (var i = 0; i < methods.Length; i++)
        {
            var context = new CallContext(deadline, CancellationToken.None, caller: caller) { Method = methods[i] }.Enter();
            // Those that come too late for this turn run in turns of their own, with what else calls this service.
            var call = Stopwatch.GetElapsedTime(turn) <= LongestTurn
                ? Serve(methods[i], parameters.Values[i], caller, deadline)
                : ServeLaterAsync(methods[i], parameters.Values[i], caller, deadline);
            if (!call.IsCompletedSuccessfully)
            {
                _rests.Keep(Number(i), call, context);
                continue;
            }

            context.End();
            var outcome = call.GetAwaiter().GetResult();
            if (outcome.Result.Utf8.Length <= room)
            {
                outcomes[i] = outcome;
                room -= outcome.Result.Utf8.Length;
            }
            else
            {
                // It goes by itself, as it would were it not for the others.
                _rests.Keep(Number(i), new(outcome), context);
            }
        }

        CallContext.Restore(message);
        return new(ParcelOutcome.Of(outcomes, first));

        long Number(int index) => (first = first == 0 ? _rests.Reserve(methods.Length) : first) + index;
    }

    public async ValueTask<ParcelOutcome> InvokeRest(long number) => await _rests.TakeAsync(number);

    private ValueTask<CallOutcome> Serve(string method, RawJson parameters, Caller? caller, long deadline)
    {
        if (CallClock.Now >= deadline)
        {
            return new(CallFailure.NoTimeLeft);
        }

        if (Find(method, out var error) is not { } invoker)
        {
            return new(error!);
        }

        var started = Stopwatch.GetTimestamp();
        var call = Enter(invoker, method, parameters, caller, CancellationToken.None);
        if (!call.IsCompletedSuccessfully)
        {
            return ServedAsync(invoker, started, call);
        }

        var outcome = call.GetAwaiter().GetResult();
        CallMetrics.NoteServed(invoker.Name, started, Stopwatch.GetTimestamp(), outcome.Error);
        return new(outcome);
    }

    private async ValueTask<CallOutcome> ServeLaterAsync(string method, RawJson parameters, Caller? caller, long deadline)
    {
        await Task.Yield();
        return await Serve(method, parameters, caller, deadline);
    }

    private static async ValueTask<CallOutcome> ServedAsync(MethodInvoker invoker, long started, ValueTask<CallOutcome> call)
    {
        var outcome = await call;
        CallMetrics.NoteServed(invoker.Name, started, Stopwatch.GetTimestamp(), outcome.Error);
        return outcome;
    }

    private MethodInvoker? Find(string method, out RpcError? error)
    {
        var invoker = _service?.Find(method);
        error = _target is StoppedService stopped ? stopped.Error
            : invoker is null ? RpcError.NotExecuted(RpcErrorCode.MethodNotFound, RpcErrorReason.UnknownMethod, $"The service on this node has no method '{method}'.")
            : null;
        return error is null ? invoker : null;
    }

    private ValueTask<CallOutcome> Enter(MethodInvoker invoker, string method, RawJson parameters, Caller? caller, CancellationToken cancellationToken) =>
        // The gateway has decided by what it knows of the method; what this node runs may be newer.
        caller is not null && Access.Refusal(_service!.Name, invoker.Description, caller) is { } refusal ? new(refusal)
        : _gate is null || _gate.TryEnter() ? Run(invoker, method, parameters, cancellationToken)
        : RunWhenThereIsRoomAsync(_gate, invoker, method, parameters, cancellationToken);

    private async ValueTask<CallOutcome> RunWhenThereIsRoomAsync(ServiceGate gate, MethodInvoker invoker, string method, RawJson parameters, CancellationToken cancellationToken)
    {
        var deadline = CallContext.Current?.Deadline;
        if (await gate.EnterAsync() is { } error)
        {
            return error;
        }

        if (CallClock.Now < deadline)
        {
            return await Run(invoker, method, parameters, cancellationToken);
        }

        gate.Leave();
        return CallFailure.NoTimeLeft;
    }

    private ValueTask<CallOutcome> Run(MethodInvoker invoker, string method, RawJson parameters, CancellationToken cancellationToken)
    {
        try
        {
            var call = invoker.Invoke(_target, parameters, cancellationToken);
            if (!call.IsCompletedSuccessfully)
            {
                return AwaitedAsync(method, call, cancellationToken);
            }

            _gate?.Leave();
            return call;
        }
        catch (Exception exception)
        {
            _gate?.Leave();
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            return new(ErrorOf(method, exception));
        }
    }

    private async ValueTask<CallOutcome> AwaitedAsync(string method, ValueTask<CallOutcome> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return ErrorOf(method, exception);
        }
        finally
        {
            _gate?.Leave();
        }
    }

    private RpcError ErrorOf(string method, Exception exception)
    {
        if (CallFailure.Raised(exception) is { } raised)
        {
            return CallFailure.OfMethodThatRan(raised);
        }

        var traceId = CallFailure.TraceId();
        LogUnexpected(exception, _context.GrainId, method, traceId);
        return CallFailure.Unexpected(Executed.Yes, traceId);
    }

    [LoggerMessage(LogLevel.Error, "{GrainId} failed unexpectedly in {Method}, trace id {TraceId}")]
    private partial void LogUnexpected(Exception exception, GrainId grainId, string method, string traceId);
}
