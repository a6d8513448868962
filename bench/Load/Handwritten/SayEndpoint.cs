using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orrery.Load.Handwritten;

/// <summary>
/// Answers JSON-RPC for one method, tuned: the body is read from Kestrel's own buffers, the answer is written into one
/// that its thread keeps, and goes out with its length in one piece.
/// </summary>
internal sealed class SayEndpoint(Func<string, long, ValueTask<Answer>> say)
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    public async Task HandleAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        var read = await reader.ReadAsync();
        while (!read.IsCompleted && read.Buffer.Length < context.Request.ContentLength)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync();
        }

        var isBatch = read.Buffer.FirstSpan is [(byte)'[', ..];
        var batch = isBatch ? Read(read.Buffer, SayJson.Default.SayRequestArray) : null;
        var single = isBatch ? null : Read(read.Buffer, SayJson.Default.SayRequest);
        reader.AdvanceTo(read.Buffer.End);
        if (batch is not null)
        {
            Write(context.Response, await AnswerAsync(batch), SayJson.Default.SayResponseArray);
        }
        else
        {
            Write(context.Response, new SayResponse("2.0", await CallAsync(single!), single!.Id), SayJson.Default.SayResponse);
        }
    }

    private async ValueTask<SayResponse[]> AnswerAsync(SayRequest[] batch)
    {
        var calls = new ValueTask<Answer>[batch.Length];
        for (var i = 0; i < calls.Length; i++)
        {
#pragma warning disable CA2012 // Each is awaited once, below: a task for each would cost an allocation.
            calls[i] = CallAsync(batch[i]);
#pragma warning restore CA2012
        }

        var responses = new SayResponse[calls.Length];
        for (var i = 0; i < calls.Length; i++)
        {
            responses[i] = new SayResponse("2.0", await calls[i], batch[i].Id);
        }

        return responses;
    }

    private ValueTask<Answer> CallAsync(SayRequest request) =>
        request is { Jsonrpc: "2.0", Method: "echo/say", Params: { Text: { } text, N: var n } }
            ? say(text, n)
            : throw new BadHttpRequestException("Only echo/say is answered.");

    private static T Read<T>(ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
    {
        if (body.IsSingleSegment)
        {
            return JsonSerializer.Deserialize(body.FirstSpan, type)!;
        }

        // Copying costs less than reading across the edges of Kestrel's buffers.
        var length = (int)body.Length;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(copy);
        var value = JsonSerializer.Deserialize(copy.AsSpan(0, length), type)!;
        ArrayPool<byte>.Shared.Return(copy);
        return value;
    }

    private static void Write<T>(HttpResponse response, T value, JsonTypeInfo<T> type)
    {
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(16 * 1024);
        var writer = t_writer ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        buffer.ResetWrittenCount();
        writer.Reset();
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();

        response.ContentType = "application/json";
        response.ContentLength = buffer.WrittenCount;
        response.BodyWriter.Write(buffer.WrittenSpan);
    }
}
