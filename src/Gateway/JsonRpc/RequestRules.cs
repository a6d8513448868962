using System.Net;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Orrery.Rpc;

namespace Orrery.Gateway.JsonRpc;

/// <summary>
/// What the headers of a request must be like before anything else of it is looked at: a POST of JSON, and none that a web page
/// makes in the browser of somebody who can reach the gateway.
/// </summary>
internal sealed class RequestRules(IOptions<JsonRpcOptions> options)
{
    private readonly string[] _origins = Split(options.Value.AllowedOrigins);
    private readonly string[] _hosts = Split(options.Value.AllowedHosts);

    // Most requests come by the same name, which then need not be taken apart again.
    private volatile string? _lastGood;

    /// <summary>Gives the parts of a list with commas.</summary>
    public static string[] Split(string? list) => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Gives the HTTP status and the error of a request that breaks a rule.</summary>
    public (int Status, RpcError Error)? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return Refuse(StatusCodes.Status405MethodNotAllowed, RpcErrorReason.HttpMethodNotAllowed, $"Call with POST, not with {(request.Method.Length <= 20 ? request.Method : "another method")}.");
        }

        if (!IsJson(request.ContentType))
        {
            return Refuse(StatusCodes.Status415UnsupportedMediaType, RpcErrorReason.UnsupportedContentType, "Send the header Content-Type: application/json (UTF-8).");
        }

        if (!IsIdentity(request.Headers.ContentEncoding))
        {
            return Refuse(StatusCodes.Status415UnsupportedMediaType, RpcErrorReason.UnsupportedContentType, "Send the body uncompressed, without the header Content-Encoding.");
        }

        if (request.Headers.Origin is { Count: > 0 } origin && !_origins.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            return Refuse(StatusCodes.Status403Forbidden, RpcErrorReason.OriginNotAllowed, "Web pages of this origin may not call. Orrery:JsonRpc:AllowedOrigins names those that may.");
        }

        return IsHost(context)
            ? null
            : Refuse(StatusCodes.Status403Forbidden, RpcErrorReason.HostNotAllowed, "The header Host names another machine than this one. Orrery:JsonRpc:AllowedHosts names those that it may.");
    }

    // A page may have its own name resolved to this machine; its requests then tell that name.
    private bool IsHost(HttpContext context)
    {
        var header = context.Request.Headers.Host.ToString();
        if (header == _lastGood || context.Features.Get<IHttpConnectionFeature>()?.LocalIpAddress is not { } local || !IPAddress.IsLoopback(local))
        {
            return true;
        }

        var host = context.Request.Host.Host;
        if (!_hosts.Contains(host, StringComparer.OrdinalIgnoreCase) && !IsLoopback(host))
        {
            return false;
        }

        _lastGood = header;
        return true;
    }

    private static bool IsLoopback(string host) =>
        (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsIdentity(StringValues values) =>
        values.Count == 0 || string.Equals(values, "identity", StringComparison.OrdinalIgnoreCase);

    // No web page can send these from its reader's browser without asking first.
    private static bool IsJson(string? contentType) =>
        contentType is MediaTypeNames.Application.Json
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Value?.ToLowerInvariant() is MediaTypeNames.Application.Json or "application/json-rpc" or "application/jsonrequest"
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)));

    private static (int Status, RpcError Error) Refuse(int status, string reason, string message) => (status, RpcError.NotExecuted(RpcErrorCode.InvalidRequest, reason, message));
}
