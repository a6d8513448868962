using Orrery.Rpc;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>Notes who was refused, from where, and why: in the log and in a count. Never what they sent.</summary>
internal sealed partial class RefusalLog(ILogger<RefusalLog> logger)
{
    /// <summary>Notes the refusal of a whole request.</summary>
    public void Note(HttpContext context, Caller? caller, RpcError error) => Note(context, caller, method: "a request", error);

    /// <summary>Notes the refusal of a call.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">Who sent it; null when that is not known.</param>
    /// <param name="method">What was called.</param>
    /// <param name="error">Why it is refused.</param>
    public void Note(HttpContext context, Caller? caller, string method, RpcError error)
    {
        Refusals.Count("call", error.Reason);
        LogRefused(method, caller?.Id ?? "nobody known", context.Connection.RemoteIpAddress?.ToString() ?? "a socket", error.Reason, error.Message);
    }

    /// <summary>Whether an error is one that says no to somebody.</summary>
    public static bool IsRefusal(RpcError error) => error.Executed is Executed.No
        && (error.Reason is RpcErrorReason.RateLimited or RpcErrorReason.MethodNotPublic || error.Code is (int)RpcErrorCode.Unauthenticated or (int)RpcErrorCode.PermissionDenied);

    [LoggerMessage(LogLevel.Warning, "Refused {Method} to {Caller} at {Address}: {Reason}. {Message}")]
    private partial void LogRefused(string method, string caller, string address, string reason, string message);
}
