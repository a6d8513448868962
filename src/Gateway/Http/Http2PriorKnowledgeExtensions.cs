using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orrery.Gateway.Http;

/// <summary>Adds HTTP/2 with prior knowledge to an endpoint.</summary>
internal static class Http2PriorKnowledgeExtensions
{
    /// <summary>
    /// Lets a cleartext TCP endpoint of Kestrel serve HTTP/2 with prior knowledge next to HTTP/1.1. HTTPS endpoints, unix
    /// sockets and endpoints limited to one protocol stay as they are.
    /// </summary>
    public static void UseHttp2PriorKnowledge(this ListenOptions listen) =>
        // The callback runs when the endpoint is bound: only then are its protocols and its use of TLS final.
        listen.Use(next => IsCleartextWithBothProtocols(listen)
            ? new Http2PriorKnowledgeMiddleware(next, listen.KestrelServerOptions.Limits).OnConnectionAsync
            : next);

    // Kestrel shows the use of TLS nowhere but in the scheme of the endpoint's name.
    private static bool IsCleartextWithBothProtocols(ListenOptions listen) =>
        listen.EndPoint is IPEndPoint
        && listen.Protocols.HasFlag(HttpProtocols.Http1AndHttp2)
        && listen.ToString()?.StartsWith("http://", StringComparison.Ordinal) == true;
}
