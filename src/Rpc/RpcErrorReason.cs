namespace Orrery.Rpc;

/// <summary>The stable words of an error's <c>reason</c>: finer than its code, and safe to branch on.</summary>
public static class RpcErrorReason
{
    /// <summary>The body is not JSON, or not UTF-8.</summary>
    public const string InvalidJson = "invalid_json";

    /// <summary>The body is nested deeper than the gateway reads.</summary>
    public const string TooDeep = "too_deep";

    /// <summary>The JSON is not a JSON-RPC 2.0 request.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>The request does not say that its body is JSON.</summary>
    public const string UnsupportedContentType = "unsupported_content_type";

    /// <summary>The HTTP method is not POST.</summary>
    public const string HttpMethodNotAllowed = "http_method_not_allowed";

    /// <summary>The body has more bytes than the gateway reads.</summary>
    public const string BodyTooLarge = "body_too_large";

    /// <summary>The batch has more entries than the gateway takes.</summary>
    public const string BatchTooLarge = "batch_too_large";

    /// <summary>The address is not <c>service/method</c> or <c>service/target/method</c>.</summary>
    public const string MalformedAddress = "malformed_address";

    /// <summary>Names that begin with <c>rpc.</c> are reserved by JSON-RPC and none is defined.</summary>
    public const string ReservedName = "reserved_name";

    /// <summary>No node has ever hosted a service of that name.</summary>
    public const string UnknownService = "unknown_service";

    /// <summary>The service has no such method, or its version on the node or role that was named has none.</summary>
    public const string UnknownMethod = "unknown_method";

    /// <summary>The method exists, for services only.</summary>
    public const string MethodNotPublic = "method_not_public";

    /// <summary>A parameter without a default was not given.</summary>
    public const string MissingParameter = "missing_parameter";

    /// <summary>The method has no parameter of that name.</summary>
    public const string UnknownParameter = "unknown_parameter";

    /// <summary>A parameter was given twice.</summary>
    public const string DuplicateParameter = "duplicate_parameter";

    /// <summary>More positional parameters than the method takes.</summary>
    public const string TooManyParameters = "too_many_parameters";

    /// <summary>A parameter's value is not of its type.</summary>
    public const string WrongType = "wrong_type";

    /// <summary>The service refused a parameter's value.</summary>
    public const string InvalidParameter = "invalid_parameter";

    /// <summary>An unexpected exception.</summary>
    public const string InternalError = "internal_error";

    /// <summary>The result has more bytes than the gateway sends.</summary>
    public const string ResponseTooLarge = "response_too_large";

    /// <summary>The state of the service could not be read or written.</summary>
    public const string StateUnavailable = "state_unavailable";

    /// <summary>An error that the service raised on purpose.</summary>
    public const string ServiceError = "service_error";

    /// <summary>No live node and no role has that name.</summary>
    public const string UnknownNode = "unknown_node";

    /// <summary>The node is joining the cluster or leaving it.</summary>
    public const string NodeNotReady = "node_not_ready";

    /// <summary>The node lives, and does not host the service.</summary>
    public const string ServiceNotOnNode = "service_not_on_node";

    /// <summary>The service is stopped on that node.</summary>
    public const string ServiceStopped = "service_stopped";

    /// <summary>No live node with that role hosts the service.</summary>
    public const string NoNodeOfRole = "no_node_of_role";

    /// <summary>No live node hosts the service.</summary>
    public const string NoNodeHostsService = "no_node_hosts_service";

    /// <summary>The node could not be reached, or went away before it answered.</summary>
    public const string NodeUnavailable = "node_unavailable";

    /// <summary>No answer came in time.</summary>
    public const string DeadlineExceeded = "deadline_exceeded";

    /// <summary>The idempotency key was given to another call.</summary>
    public const string IdempotencyKeyReused = "idempotency_key_reused";

    /// <summary>The node that made the call with the idempotency key went away before it told the outcome.</summary>
    public const string OutcomeUnknown = "outcome_unknown";

    /// <summary>More calls than may run at once: the gateway, the node or the service has no room.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>Calls to the service on that node failed so often that it is left alone for a while.</summary>
    public const string CircuitOpen = "circuit_open";

    /// <summary>The call needs a caller that says who it is.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The token of the caller is not valid, or not any more.</summary>
    public const string InvalidToken = "invalid_token";

    /// <summary>The issuer of the tokens can't be reached, so that none can be checked.</summary>
    public const string IssuerUnavailable = "issuer_unavailable";

    /// <summary>The caller lacks the permission that the method needs.</summary>
    public const string PermissionDenied = "permission_denied";

    /// <summary>More calls than the caller, the method or the gateway may have in that time.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The request came on loopback for a host that is not this machine.</summary>
    public const string HostNotAllowed = "host_not_allowed";

    /// <summary>The request came from a web page of another origin.</summary>
    public const string OriginNotAllowed = "origin_not_allowed";
}
