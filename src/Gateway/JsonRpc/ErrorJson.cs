using System.Buffers;
using System.Text.Json;
using Orrery.Rpc;

namespace Orrery.Gateway.JsonRpc;

/// <summary>Writes an error as JSON-RPC's <c>error</c> object.</summary>
internal static class ErrorJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = WireJson.Options.Encoder };

    public static ReadOnlyMemory<byte> Write(RpcError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteNumber("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteStartObject("data"u8);
        writer.WriteString("reason"u8, error.Reason);
        writer.WriteString("executed"u8, error.Executed switch
        {
            Executed.No => "no"u8,
            Executed.Maybe => "maybe"u8,
            _ => "yes"u8,
        });
        writer.WriteBoolean("retryable"u8, error.Retryable);
        if (error.TraceId is not null)
        {
            writer.WriteString("trace_id"u8, error.TraceId);
        }

        if (!error.Details.IsEmpty)
        {
            writer.WritePropertyName("details"u8);
            writer.WriteRawValue(error.Details.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
