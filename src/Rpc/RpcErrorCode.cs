namespace Orrery.Rpc;

/// <summary>
/// The codes of everything a call can come to besides a result. The first five are those of JSON-RPC 2.0, section 5.1.
/// </summary>
public enum RpcErrorCode
{
    /// <summary>The text is not JSON.</summary>
    ParseError = -32700,

    /// <summary>The JSON is not a JSON-RPC 2.0 request.</summary>
    InvalidRequest = -32600,

    /// <summary>Malformed address, unknown service or method, or a method that callers outside may not call.</summary>
    MethodNotFound = -32601,

    /// <summary>A parameter is missing, unknown, given twice or of the wrong type.</summary>
    InvalidParams = -32602,

    /// <summary>An unexpected exception. Its text is in the log of the node, under the trace id in the error's data.</summary>
    InternalError = -32603,

    /// <summary>The service raised an error of its own and gave it no code.</summary>
    ServiceError = -32000,

    /// <summary>No such live node, or no live node with that role, hosts the service.</summary>
    TargetNotFound = -32001,

    /// <summary>The call reached no node, or its node went away before it answered.</summary>
    NodeUnavailable = -32002,

    /// <summary>The call was not answered in time.</summary>
    DeadlineExceeded = -32003,

    /// <summary>The caller has to say who it is.</summary>
    Unauthenticated = -32004,

    /// <summary>The caller may not do that.</summary>
    PermissionDenied = -32005,

    /// <summary>More calls than may run at once, or than the caller may make. The error's data has a <c>retry_after_ms</c>.</summary>
    Overloaded = -32006,

    /// <summary>The service is stopped on the node that the call named.</summary>
    ServiceStopped = -32007,
}
