using System.Buffers;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.JsonRpc;

/// <summary>One answer: an id and a result or an error, both as the JSON that will be sent.</summary>
internal readonly struct RpcResponse
{
    private static readonly byte[] NullId = [.. "null"u8];

    // Each write to the response has a price of its own, which a short answer pays once.
    private const int LongestInOnePiece = 2048;

    private readonly ReadOnlyMemory<byte> _payload;
    private readonly ReadOnlyMemory<byte> _id;
    private readonly ReadOnlyMemory<byte> _trace;
    private readonly bool _isError;

    public RpcResponse(ReadOnlyMemory<byte> id, in CallOutcome outcome, CallTrace? trace = null)
    {
        _trace = trace is null ? default : RawJson.From(new { NodeId = trace.Attempts is [.., var last] ? last.NodeId : null, trace.Attempts, Repeated = trace.IsRepeated }).Utf8;
        _id = id.IsEmpty ? NullId : id;
        _isError = outcome.Error is not null;
        _payload = outcome.Error is null ? outcome.Result.Utf8 : RawJson.From(outcome.Error).Utf8;
    }

    /// <summary>The bytes that <see cref="Write"/> writes.</summary>
    public int Length => Opening.Length + _payload.Length + TraceOpening.Length + _trace.Length + Middle.Length + _id.Length + 1;

    private ReadOnlySpan<byte> Opening => _isError ? "{\"jsonrpc\":\"2.0\",\"error\":"u8 : "{\"jsonrpc\":\"2.0\",\"result\":"u8;

    private ReadOnlySpan<byte> TraceOpening => _trace.IsEmpty ? default : ",\"trace\":"u8;

    private static ReadOnlySpan<byte> Middle => ",\"id\":"u8;

    public static RpcResponse WithoutId(RpcError error) => new(default, error);

    public void Write(IBufferWriter<byte> output)
    {
        if (Length > LongestInOnePiece)
        {
            output.Write(Opening);
            output.Write(_payload.Span);
            output.Write(TraceOpening);
            output.Write(_trace.Span);
            output.Write(Middle);
            output.Write(_id.Span);
            output.Write("}"u8);
            return;
        }

        var span = output.GetSpan(Length);
        var written = 0;
        Append(span, ref written, Opening);
        Append(span, ref written, _payload.Span);
        Append(span, ref written, TraceOpening);
        Append(span, ref written, _trace.Span);
        Append(span, ref written, Middle);
        Append(span, ref written, _id.Span);
        Append(span, ref written, "}"u8);
        output.Advance(written);
    }

    private static void Append(Span<byte> output, ref int written, ReadOnlySpan<byte> part)
    {
        part.CopyTo(output[written..]);
        written += part.Length;
    }
}
