using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Orrery.Gateway.JsonRpc;

/// <summary>Reads the body of an HTTP request, as it comes, up to a limit.</summary>
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

        var reader = request.BodyReader;
        var read = await reader.ReadAsync(cancellationToken);
        if ((read.IsCompleted || read.Buffer.Length == request.ContentLength) && read.Buffer.Length <= limit)
        {
            return Take(reader, read.Buffer);
        }

        // What a client announces is not what it sends: the buffer grows with what has come.
        var buffer = new ArrayBufferWriter<byte>();
        while (buffer.WrittenCount + read.Buffer.Length <= limit)
        {
            buffer.Write(Take(reader, read.Buffer));
            if (read.IsCompleted)
            {
                return buffer.WrittenSpan.ToArray();
            }

            read = await reader.ReadAsync(cancellationToken);
        }

        // The server goes on reading where this leaves off, to find the next request.
        reader.AdvanceTo(read.Buffer.End);
        return null;
    }

    private static byte[] Take(PipeReader reader, ReadOnlySequence<byte> buffer)
    {
        var bytes = buffer.ToArray();
        reader.AdvanceTo(buffer.End);
        return bytes;
    }
}
