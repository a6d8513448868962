namespace Orrery.Rpc.Invocation.Idempotency;

/// <summary>What callers that give idempotency keys are told.</summary>
internal static class KeyedCallErrors
{
    public static RpcError Reused { get; } = RpcError.NotExecuted(
        RpcErrorCode.InvalidRequest,
        RpcErrorReason.IdempotencyKeyReused,
        "The idempotency key was given to another call, with another address or other parameters. Give each call a key of its own.");

    public static RpcError OutcomeUnknown { get; } = new(
        (int)RpcErrorCode.NodeUnavailable,
        "The node that made the call with this idempotency key went away before it told the outcome. The method may have run, and does not run again under this key.",
        RpcErrorReason.OutcomeUnknown,
        Executed.Maybe);

    /// <summary>The error of a call that was not made, since it could not be written down that it is.</summary>
    public static RpcError NotBegun(RpcError error) => error.Reason == RpcErrorReason.StateUnavailable
        ? RpcError.NotExecuted(RpcErrorCode.InternalError, RpcErrorReason.StateUnavailable, "The idempotency key could not be kept: the database failed, or can't be reached. The method did not run.", retryable: true)
        : error;
}
