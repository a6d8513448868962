using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orrery.Gateway.Http;

/// <summary>
/// Looks at the first bytes of a connection, without consuming them, and makes Kestrel speak HTTP/2 on it if they are
/// the first line of the HTTP/2 connection preface.
/// </summary>
internal sealed class Http2PriorKnowledgeMiddleware(ConnectionDelegate next, KestrelServerLimits limits)
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private static ReadOnlySpan<byte> PrefaceLine => "PRI * HTTP/2.0\r\n"u8;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var opening = await PeekAsync(connection);

        if (opening is ConnectionOpening.Unknown)
        {
            // It stayed silent for too long or the server is stopping; Kestrel closes it on return.
            return;
        }

        if (opening is ConnectionOpening.Http2)
        {
            connection.Transport = new Http2SelectingTransport(connection.Transport, connection.Features);
        }

        await next(connection);
    }

    private async ValueTask<ConnectionOpening> PeekAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var closeRequested = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested;

        // Kestrel's own time-outs and its shutdown handling start only with the protocol, so until then they are ours.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(closeRequested ?? CancellationToken.None);
        deadline.CancelAfter(ForTimer(limits.KeepAliveTimeout));

        // Bytes once marked as examined must stay so, yet marking any more would hold up the next reader.
        long examined = 0;

        try
        {
            while (true)
            {
                var result = await input.ReadAsync(deadline.Token);
                var buffer = result.Buffer;
                var opening = Recognize(buffer);

                if (opening is not ConnectionOpening.Unknown || result.IsCompleted)
                {
                    input.AdvanceTo(buffer.Start, buffer.GetPosition(examined));
                    return opening is ConnectionOpening.Http2 ? opening : ConnectionOpening.Http1;
                }

                if (examined == 0 && !buffer.IsEmpty)
                {
                    deadline.CancelAfter(ForTimer(limits.RequestHeadersTimeout));
                }

                examined = buffer.Length;
                input.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return ConnectionOpening.Unknown;
        }
        catch (Exception failure) when (failure is IOException or ConnectionAbortedException)
        {
            // Kestrel meets the same failure on its first read and knows how to log and count it.
            return ConnectionOpening.Http1;
        }
    }

    private static ConnectionOpening Recognize(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[PrefaceLine.Length];
        var length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);

        if (!PrefaceLine.StartsWith(start[..length]))
        {
            return ConnectionOpening.Http1;
        }

        return length == PrefaceLine.Length ? ConnectionOpening.Http2 : ConnectionOpening.Unknown;
    }

    // Kestrel keeps an infinite time-out as TimeSpan.MaxValue, which no timer accepts.
    private static TimeSpan ForTimer(TimeSpan timeout) =>
        timeout < LongestTimer ? timeout : Timeout.InfiniteTimeSpan;
}
