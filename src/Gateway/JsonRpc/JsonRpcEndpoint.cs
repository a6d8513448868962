using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.JsonRpc;

/// <summary>
/// Answers one HTTP request: (1) checks its headers, (2) reads the body, (3) parses the envelope, (4) makes the calls,
/// (5) writes the answers. Results and parameters pass through as the bytes they are.
/// </summary>
internal sealed class JsonRpcEndpoint(CallInvoker invoker, IOptions<JsonRpcOptions> options)
{
    private const string Json = "application/json";

    private static readonly RpcError KeyOfABatch = RpcError.NotExecuted(
        RpcErrorCode.InvalidRequest, RpcErrorReason.InvalidRequest, "The header Idempotency-Key is for one call. Give each request of a batch a member idempotency_key of its own.");

    private readonly JsonRpcOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context)
    {
        var refusal = Refusal(context.Request);
        if (refusal is not null)
        {
            if (refusal.Value.Status == StatusCodes.Status405MethodNotAllowed)
            {
                context.Response.Headers.Allow = HttpMethods.Post;
            }

            Refuse(context.Response, refusal.Value.Status, refusal.Value.Error);
            return;
        }

        try
        {
            var body = await RequestBody.ReadAsync(context.Request, _options.MaxBodyBytes, context.RequestAborted);
            if (body is null)
            {
                CloseAfterwards(context);
                Refuse(context.Response, StatusCodes.Status413PayloadTooLarge, RpcError.NotExecuted(
                    RpcErrorCode.InvalidRequest,
                    RpcErrorReason.BodyTooLarge,
                    $"The body has more than {_options.MaxBodyBytes} bytes. Send less at once."));
                return;
            }

            await AnswerAsync(context, body);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client has hung up, or the server has stopped: there is nobody to answer.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(HttpContext context, byte[] body)
    {
        var response = context.Response;
        if (RequestHeaders.Read(context.Request.Headers, out var common) is { } invalid)
        {
            Refuse(response, StatusCodes.Status400BadRequest, invalid);
        }
        else if (RequestParser.Parse(body, _options, common, out var request, out var batch) is { } error)
        {
            var status = error.Reason == RpcErrorReason.BatchTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest;
            Refuse(response, status, error);
        }
        else if (batch is not null && common.IdempotencyKey is not null)
        {
            Refuse(response, StatusCodes.Status400BadRequest, KeyOfABatch);
        }
        else if (batch is not null)
        {
            await AnswerBatchAsync(context, batch);
        }
        else if (request.Error is not null)
        {
            Refuse(response, StatusCodes.Status400BadRequest, request.Error, request.Id);
        }
        else if (request.IsNotification)
        {
            await CallAsync(request, CancellationToken.None);
            response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            Write(response, new RpcResponse(request.Id, await CallAsync(request, context.RequestAborted), request.Options.Trace));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerBatchAsync(HttpContext context, List<RpcRequest> batch)
    {
        // All are started before any is awaited: they run at the same time, and an error is an outcome like any other.
        var calls = new ValueTask<CallOutcome>[batch.Count];
        for (var i = 0; i < calls.Length; i++)
        {
#pragma warning disable CA2012 // Each is awaited once, below; a task for each would cost more than waiting in order.
            calls[i] = CallAsync(batch[i], batch[i].IsNotification ? CancellationToken.None : context.RequestAborted);
#pragma warning restore CA2012
        }

        var responses = new List<RpcResponse>(calls.Length);
        for (var i = 0; i < calls.Length; i++)
        {
            var outcome = await calls[i];
            if (!batch[i].IsNotification)
            {
                responses.Add(new RpcResponse(batch[i].Id, outcome, batch[i].Options.Trace));
            }
        }

        WriteBatch(context.Response, responses);
    }

    private ValueTask<CallOutcome> CallAsync(in RpcRequest request, CancellationToken cancellationToken)
    {
        if (request.Error is not null)
        {
            return new(request.Error);
        }

        // One character more than an address can have, so that a longer one is still seen to be too long.
        Span<char> address = stackalloc char[Address.MaxLength + 1];
        address = address[..Unquote(request.Method.Span, address)];
        return address.StartsWith("rpc.")
            ? new(RpcError.NotExecuted(RpcErrorCode.MethodNotFound, RpcErrorReason.ReservedName, "Names that begin with 'rpc.' are reserved by JSON-RPC, and this one is not defined."))
            : invoker.InvokeAsync(address, new RawJson(request.Params), Rpc.Security.Caller.Unknown, request.Options, cancellationToken);
    }

    // Gives the characters of a JSON string, as many as there is room for.
    private static int Unquote(ReadOnlySpan<byte> json, Span<char> text)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        // Each character is at least one byte, so that what fits in bytes fits in characters.
        if (!reader.ValueIsEscaped && reader.ValueSpan.Length <= text.Length)
        {
            return reader.CopyString(text);
        }

        try
        {
            var whole = reader.GetString().AsSpan();
            whole = whole[..Math.Min(whole.Length, text.Length)];
            whole.CopyTo(text);
            return whole.Length;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text, so it is no address either.
            return 0;
        }
    }

    private static (int Status, RpcError Error)? Refusal(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return (StatusCodes.Status405MethodNotAllowed, RpcError.NotExecuted(
                RpcErrorCode.InvalidRequest,
                RpcErrorReason.HttpMethodNotAllowed,
                $"Call with POST, not with {(request.Method.Length <= 20 ? request.Method : "another method")}."));
        }

        if (!IsJson(request.ContentType))
        {
            return (StatusCodes.Status415UnsupportedMediaType, RpcError.NotExecuted(
                RpcErrorCode.InvalidRequest,
                RpcErrorReason.UnsupportedContentType,
                "Send the header Content-Type: application/json (UTF-8)."));
        }

        return StringValuesAreIdentity(request.Headers.ContentEncoding)
            ? null
            : (StatusCodes.Status415UnsupportedMediaType, RpcError.NotExecuted(
                RpcErrorCode.InvalidRequest,
                RpcErrorReason.UnsupportedContentType,
                "Send the body uncompressed, without the header Content-Encoding."));
    }

    private static bool StringValuesAreIdentity(Microsoft.Extensions.Primitives.StringValues values) =>
        values.Count == 0 || string.Equals(values, "identity", StringComparison.OrdinalIgnoreCase);

    // No web page can send these from its reader's browser without asking first, which nobody here answers.
    private static bool IsJson(string? contentType) =>
        contentType is Json
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Value?.ToLowerInvariant() is Json or "application/json-rpc" or "application/jsonrequest"
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)));

    // There may be any amount left of a body that is too large: whoever sends it had better not go on.
    private static void CloseAfterwards(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    private static void Refuse(HttpResponse response, int status, RpcError error, ReadOnlyMemory<byte> id = default)
    {
        response.StatusCode = status;
        Write(response, new RpcResponse(id, error));
    }

    private static void Write(HttpResponse response, in RpcResponse answer)
    {
        response.ContentType = Json;
        response.ContentLength = answer.Length;
        answer.Write(response.BodyWriter);
    }

    private static void WriteBatch(HttpResponse response, List<RpcResponse> answers)
    {
        if (answers.Count == 0)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        response.ContentType = Json;
        response.ContentLength = answers.Sum(answer => (long)answer.Length) + answers.Count + 1;
        var output = response.BodyWriter;
        var separator = (byte)'[';
        foreach (var answer in answers)
        {
            Write(output, separator);
            answer.Write(output);
            separator = (byte)',';
        }

        Write(output, (byte)']');

        static void Write(System.IO.Pipelines.PipeWriter output, byte single)
        {
            output.GetSpan(1)[0] = single;
            output.Advance(1);
        }
    }
}
