using System.Text.Json;
using System.Text.Unicode;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.JsonRpc;

/// <summary>
/// Reads a body, once, into requests. It must be JSON as RFC 8259 has it, UTF-8 throughout; a byte order mark is passed
/// over. Members of a request that JSON-RPC does not define are ignored; one that is given twice makes it invalid.
/// </summary>
internal static class RequestParser
{
    private const int TypicalEntryLength = 100;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a body that holds one request or a batch.</summary>
    /// <param name="body">The body. The requests refer to its bytes.</param>
    /// <param name="options">The limits.</param>
    /// <param name="common">What the headers say of each call. A member of a request says it for that one.</param>
    /// <param name="single">The request, when the body is not a batch.</param>
    /// <param name="batch">The entries, when the body is a batch; else null.</param>
    /// <returns>The error that answers the whole body, or null.</returns>
    public static RpcError? Parse(ReadOnlyMemory<byte> body, JsonRpcOptions options, RequestHeaders common, out RpcRequest single, out List<RpcRequest>? batch)
    {
        single = default;
        batch = null;
        if (body.Span.StartsWith(ByteOrderMark))
        {
            body = body[ByteOrderMark.Length..];
        }

        if (!Utf8.IsValid(body.Span))
        {
            return RpcError.NotExecuted(RpcErrorCode.ParseError, RpcErrorReason.InvalidJson, "The body is not UTF-8.");
        }

        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartArray)
            {
                batch = ReadBatch(body, ref reader, options.MaxBatchLength, common, out var error);
                if (error is not null)
                {
                    return error;
                }
            }
            else
            {
                single = ReadRequest(body, ref reader, common);
            }

            // Nothing may follow; the reader throws when something does.
            reader.Read();
            return batch is { Count: 0 } ? Invalid("A batch needs at least one entry.") : null;
        }
        catch (JsonException exception)
        {
            return NotJson(exception, IsTooDeep(body.Span, reader, options.MaxDepth));
        }
        catch (InvalidOperationException)
        {
            // A string with half of a surrogate pair, which is no text.
            return RpcError.NotExecuted(RpcErrorCode.ParseError, RpcErrorReason.InvalidJson, "A string of the body is not Unicode text.");
        }
    }

    private static List<RpcRequest>? ReadBatch(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, int limit, RequestHeaders common, out RpcError? error)
    {
        // Most entries are longer than this, so that the list seldom grows.
        var batch = new List<RpcRequest>(Math.Min(limit, body.Length / TypicalEntryLength));
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (batch.Count == limit)
            {
                error = RpcError.NotExecuted(RpcErrorCode.InvalidRequest, RpcErrorReason.BatchTooLarge, $"The batch has more than {limit} entries. Send it in parts.");
                return null;
            }

            batch.Add(ReadRequest(body, ref reader, common));
        }

        error = null;
        return batch;
    }

    private static RpcRequest ReadRequest(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, RequestHeaders common)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return new RpcRequest(default, default, default, default, Invalid("A request is an object with the members jsonrpc, method, params and id."));
        }

        var members = default(Members);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            members.Read(body, ref reader);
        }

        return members.ToRequest(common);
    }

    // Whether the reader stopped before what would open one level too many.
    private static bool IsTooDeep(ReadOnlySpan<byte> body, in Utf8JsonReader reader, int limit)
    {
        // An array or object that was only just opened does not count itself.
        var depth = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
        return depth >= limit && body[(int)reader.BytesConsumed..].TrimStart(" \t\r\n,:"u8) is [(byte)'[' or (byte)'{', ..];
    }

    private static RpcError NotJson(JsonException exception, bool tooDeep) => tooDeep
        ? RpcError.NotExecuted(RpcErrorCode.ParseError, RpcErrorReason.TooDeep, "The body is nested too deeply.")
        : RpcError.NotExecuted(
            RpcErrorCode.ParseError,
            RpcErrorReason.InvalidJson,
            $"The body is not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");

    private static RpcError Invalid(string message) => RpcError.NotExecuted(RpcErrorCode.InvalidRequest, RpcErrorReason.InvalidRequest, message);

    /// <summary>The members of one request while they are read. The first thing wrong is what is reported.</summary>
    private ref struct Members
    {
        private ReadOnlyMemory<byte> _version;
        private ReadOnlyMemory<byte> _method;
        private ReadOnlyMemory<byte> _parameters;
        private ReadOnlyMemory<byte> _id;
        private ReadOnlyMemory<byte> _timeout;
        private ReadOnlyMemory<byte> _trace;
        private ReadOnlyMemory<byte> _key;
        private string? _idempotencyKey;
        private int _timeoutMs;
        private string? _problem;

        public void Read(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("jsonrpc"u8))
            {
                var isVersion2 = Take(body, ref reader, ref _version, "jsonrpc") is JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
                Require(isVersion2, "The member jsonrpc must be \"2.0\".");
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                Require(Take(body, ref reader, ref _method, "method") is JsonTokenType.String, "The member method must be a string.");
            }
            else if (reader.ValueTextEquals("params"u8))
            {
                var type = Take(body, ref reader, ref _parameters, "params");
                Require(type is JsonTokenType.StartObject or JsonTokenType.StartArray, "The member params must be an object or an array, or left out.");
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                if (Take(body, ref reader, ref _id, "id") is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.Null))
                {
                    Require(false, "The member id must be a string, a number or null.");
                    _id = default;
                }
            }
            else if (reader.ValueTextEquals("timeout_ms"u8))
            {
                var isNumber = Take(body, ref reader, ref _timeout, "timeout_ms") is JsonTokenType.Number;
                Require(isNumber && reader.TryGetInt32(out _timeoutMs) && RequestHeaders.IsTimeout(_timeoutMs), $"The member timeout_ms must be an integer from 1 to {RequestHeaders.LongestTimeoutMs}.");
            }
            else if (reader.ValueTextEquals("trace"u8))
            {
                Require(Take(body, ref reader, ref _trace, "trace") is JsonTokenType.True or JsonTokenType.False, "The member trace must be true or false.");
            }
            else if (reader.ValueTextEquals("idempotency_key"u8))
            {
                var isText = Take(body, ref reader, ref _key, "idempotency_key") is JsonTokenType.String;
                Require(isText && IsKey(ref reader), $"The member idempotency_key must be a string of 1 to {RequestHeaders.LongestKey} printable ASCII characters.");
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        public readonly RpcRequest ToRequest(RequestHeaders common)
        {
            var problem = _problem
                ?? (_version.IsEmpty ? "The member jsonrpc is missing. It must be \"2.0\"." : null)
                ?? (_method.IsEmpty ? "The member method is missing." : null);
            return new RpcRequest(_method, _parameters, _id, problem is null ? ToOptions(common) : default, problem is null ? null : Invalid(problem));
        }

        private readonly CallOptions ToOptions(RequestHeaders common)
        {
            var timeoutMs = _timeout.IsEmpty ? common.TimeoutMs : _timeoutMs;
            var isTraced = _trace.IsEmpty ? common.Trace : _trace.Span[0] == (byte)'t';
            return new CallOptions(timeoutMs is null ? null : TimeSpan.FromMilliseconds(timeoutMs.Value), isTraced ? new CallTrace() : null, _idempotencyKey ?? common.IdempotencyKey);
        }

        private bool IsKey(ref Utf8JsonReader reader)
        {
            try
            {
                _idempotencyKey = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair is no text.
            }

            return RequestHeaders.IsKey(_idempotencyKey);
        }

        private JsonTokenType Take(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, ref ReadOnlyMemory<byte> member, string name)
        {
            if (!member.IsEmpty)
            {
                _problem ??= $"The member {name} is given twice.";
            }

            reader.Read();
            var type = reader.TokenType;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            member = body[start..(int)reader.BytesConsumed];
            return type;
        }

        private void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                _problem ??= otherwise;
            }
        }
    }
}
