using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Orrery.Gateway.JsonRpc;

/// <summary>Reads the bodies of HTTP requests, up to the limit of the endpoint.</summary>
internal sealed class RequestBody(IOptions<JsonRpcOptions> options, IOptions<KestrelServerOptions> server)
{
    private readonly int _limit = options.Value.MaxBodyBytes;

    // The web server's own limit may be lower.
    private readonly bool _raisesLimit = server.Value.Limits.MaxRequestBodySize < options.Value.MaxBodyBytes;

    /// <summary>Gives the body, or null when it has more bytes than the limit.</summary>
    public async ValueTask<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > _limit)
        {
            return null;
        }

        // Where it can be raised no more, it stands.
        if (_raisesLimit && request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature && feature.MaxRequestBodySize < _limit)
        {
            feature.MaxRequestBodySize = _limit;
        }

        // What a client announces is not what it sends: what has come waits in the server's buffers until all of it is there.
        var reader = request.BodyReader;
        var read = await reader.ReadAsync(cancellationToken);
        while (!read.IsCompleted && read.Buffer.Length <= _limit && read.Buffer.Length != request.ContentLength)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(cancellationToken);
        }

        // The server goes on reading where this leaves off, to find the next request.
        var body = read.Buffer.Length <= _limit ? read.Buffer.ToArray() : null;
        reader.AdvanceTo(read.Buffer.End);
        return body;
    }
}
