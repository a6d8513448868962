using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Orrery.Gateway.JsonRpc;

/// <summary>Reads the body of an HTTP request, up to a limit.</summary>
internal static class RequestBody
{
    /// <summary>Gives the body, or null when it has more bytes than the limit.</summary>
    public static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        // The server's own limit may be lower; where it can be raised no more, it stands.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server && server.MaxRequestBodySize < limit)
        {
            server.MaxRequestBodySize = limit;
        }

        // What a client announces is not what it sends: what has come waits in the server's buffers until all of it is there.
        var reader = request.BodyReader;
        var read = await reader.ReadAsync(cancellationToken);
        while (!read.IsCompleted && read.Buffer.Length <= limit && read.Buffer.Length != request.ContentLength)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(cancellationToken);
        }

        // The server goes on reading where this leaves off, to find the next request.
        var body = read.Buffer.Length <= limit ? read.Buffer.ToArray() : null;
        reader.AdvanceTo(read.Buffer.End);
        return body;
    }
}
