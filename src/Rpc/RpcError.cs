using System.Text.Json.Serialization;

namespace Orrery.Rpc;

/// <summary>What a call came to instead of a result, as a value: it crosses nodes and becomes a JSON-RPC error.</summary>
/// <param name="Code">A <see cref="RpcErrorCode"/>, or a service's own code outside -32768 to -32000.</param>
/// <param name="Message">A sentence that a person can act on, without names of internals.</param>
/// <param name="Reason">A stable word of <see cref="RpcErrorReason"/>.</param>
/// <param name="Executed">Whether the method has run.</param>
/// <param name="Retryable">Whether the same call may well succeed a little later.</param>
/// <param name="Details">What the service added, as JSON; empty when nothing.</param>
/// <param name="TraceId">Where the log has more, for an unexpected exception; else null.</param>
/// <param name="RetryAfterMs">In how many milliseconds to try again, when that is known; else null.</param>
[GenerateSerializer, Immutable, Alias("orrery.error"), JsonConverter(typeof(RpcErrorConverter))]
public sealed record RpcError(
    [property: Id(0)] int Code,
    [property: Id(1)] string Message,
    [property: Id(2)] string Reason,
    [property: Id(3)] Executed Executed,
    [property: Id(4)] bool Retryable = false,
    [property: Id(5)] RawJson Details = default,
    [property: Id(6)] string? TraceId = null,
    [property: Id(7)] int? RetryAfterMs = null)
{
    /// <summary>Makes the error of a call that certainly did not run.</summary>
    public static RpcError NotExecuted(RpcErrorCode code, string reason, string message, bool retryable = false) =>
        new((int)code, message, reason, Executed.No, retryable);
}
