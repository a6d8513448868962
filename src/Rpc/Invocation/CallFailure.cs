using System.Diagnostics;
using Orleans.Runtime;

namespace Orrery.Rpc.Invocation;

/// <summary>Says what an exception means for a call: the one place where exceptions become errors.</summary>
public static class CallFailure
{
    private static readonly TimeSpan LeastTimeToBeIll = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gives the error of a call that ended in an exception. Also for typed calls, whose exceptions are Orleans' own.
    /// </summary>
    /// <param name="exception">What the call threw at its caller.</param>
    /// <param name="otherwise">Whether the method ran when the exception is none of the platform's.</param>
    public static RpcError From(Exception exception, Executed otherwise = Executed.Yes) => exception switch
    {
        RpcException rpc => rpc.Error,
        _ when Raised(exception) is { } error => error with { Executed = otherwise, Retryable = otherwise is Executed.No },
        // Derives from the rejection, but the node had the call, or may have had it.
        SiloUnavailableException => AnswerLost,
        OrleansMessageRejectionException => Unavailable(Executed.No, "The node could not be reached. The method did not run."),
        TimeoutException => NoAnswerInTime,
        OperationCanceledException => DeadlineExceeded("The call was cancelled before an answer came. The method may have run."),
        _ => Unexpected(otherwise, traceId: null),
    };

    /// <summary>The error of a call that a node had when it went away.</summary>
    internal static RpcError AnswerLost { get; } = Unavailable(Executed.Maybe, "The node went away before it answered. The method may have run.");

    /// <summary>The error of a call whose time was up.</summary>
    internal static RpcError NoAnswerInTime { get; } = DeadlineExceeded("No answer came in time. The method may have run.");

    /// <summary>The error of a call that was not begun because its time was up.</summary>
    internal static RpcError NoTimeLeft { get; } = RpcError.NotExecuted(
        RpcErrorCode.DeadlineExceeded, RpcErrorReason.DeadlineExceeded, "The caller's time was up before the method could begin. It did not run.");

    /// <summary>Whether an error says that the node is ill, and not that the service or the caller wanted it so.</summary>
    /// <param name="error">What a call came to.</param>
    /// <param name="elapsed">How long it took: that a caller was in a hurry says nothing of the node.</param>
    internal static bool SaysIll(RpcError error, TimeSpan elapsed) => (RpcErrorCode)error.Code switch
    {
        RpcErrorCode.NodeUnavailable => error.Executed is not Executed.Yes,
        RpcErrorCode.DeadlineExceeded => error.Executed is Executed.Maybe && elapsed >= LeastTimeToBeIll,
        RpcErrorCode.InternalError => error.Executed is Executed.No,
        _ => false,
    };

    /// <summary>Whether an error says that another node may well run the call, and this one certainly did not.</summary>
    internal static bool IsRefused(RpcError error) => error.Executed is Executed.No && (RpcErrorCode)error.Code
        is RpcErrorCode.NodeUnavailable or RpcErrorCode.TargetNotFound or RpcErrorCode.ServiceStopped or RpcErrorCode.Overloaded;

    /// <summary>
    /// Whether an error says that the method is not for this call in the version that the node has, and so did not run: it
    /// does not take these parameters, or not from this caller. Another version may.
    /// </summary>
    internal static bool IsOfVersion(RpcError error) => error.Executed is Executed.No && (RpcErrorCode)error.Code
        is RpcErrorCode.InvalidParams or RpcErrorCode.MethodNotFound or RpcErrorCode.Unauthenticated or RpcErrorCode.PermissionDenied;

    /// <summary>
    /// Gives what an error that left a method says to the caller of that method. That a call which the method made did not
    /// run, or may not have, must not be taken for the same of this one: it ran.
    /// </summary>
    internal static RpcError OfMethodThatRan(RpcError error) =>
        error.Executed is Executed.Yes ? error : error with { Executed = Executed.Yes, Retryable = false };

    /// <summary>Gives the error that was raised as such, also by the storage, whose exceptions Orleans wraps; else null.</summary>
    internal static RpcError? Raised(Exception exception) => exception switch
    {
        RpcException rpc => rpc.Error,
        OrleansException { InnerException: RpcException rpc } => rpc.Error,
        _ => null,
    };

    /// <summary>Gives what ties the caller's error to the lines in the log: the trace it is part of, or one of its own.</summary>
    internal static string TraceId() => Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();

    internal static RpcError Unexpected(Executed executed, string? traceId) => new(
        (int)RpcErrorCode.InternalError,
        traceId is null ? "The service failed unexpectedly." : $"The service failed unexpectedly. The node's log has more under the trace id {traceId}.",
        RpcErrorReason.InternalError,
        executed,
        TraceId: traceId);

    private static RpcError Unavailable(Executed executed, string message) =>
        new((int)RpcErrorCode.NodeUnavailable, message, RpcErrorReason.NodeUnavailable, executed, Retryable: executed is Executed.No);

    private static RpcError DeadlineExceeded(string message) =>
        new((int)RpcErrorCode.DeadlineExceeded, message, RpcErrorReason.DeadlineExceeded, Executed.Maybe);
}
