using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orrery.Rpc;

/// <summary>Writes an error as JSON-RPC's <c>error</c> object, and reads it back.</summary>
internal sealed class RpcErrorConverter : JsonConverter<RpcError>
{
    public override void Write(Utf8JsonWriter writer, RpcError value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code"u8, value.Code);
        writer.WriteString("message"u8, value.Message);
        writer.WriteStartObject("data"u8);
        writer.WriteString("reason"u8, value.Reason);
        writer.WriteString("executed"u8, value.Executed switch
        {
            Executed.No => "no"u8,
            Executed.Maybe => "maybe"u8,
            _ => "yes"u8,
        });
        writer.WriteBoolean("retryable"u8, value.Retryable);
        if (value.RetryAfterMs is { } retryAfter)
        {
            writer.WriteNumber("retry_after_ms"u8, retryAfter);
        }

        if (value.TraceId is not null)
        {
            writer.WriteString("trace_id"u8, value.TraceId);
        }

        if (!value.Details.IsEmpty)
        {
            writer.WritePropertyName("details"u8);
            writer.WriteRawValue(value.Details.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public override RpcError Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var (code, message, data) = JsonSerializer.Deserialize<ErrorObject>(ref reader, options)!;
        return new RpcError(code, message, data.Reason, data.Executed, data.Retryable, data.Details, data.TraceId, data.RetryAfterMs);
    }

    private sealed record ErrorObject(int Code, string Message, ErrorData Data);

    private sealed record ErrorData(string Reason, Executed Executed, bool Retryable, RawJson Details = default, string? TraceId = null, int? RetryAfterMs = null);
}
