using System.Diagnostics;
using System.Globalization;
using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orrery.Gateway.Security;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Security;
using Orrery.Rpc.Telemetry;

namespace Orrery.Gateway.JsonRpc;

/// <summary>
/// Answers one HTTP request: (1) checks its headers, (2) finds out who sends it, (3) reads the body, (4) parses the envelope,
/// (5) makes the calls, (6) writes the answers. Results and parameters pass through as the bytes they are.
/// </summary>
internal sealed class JsonRpcEndpoint(
    CallInvoker invoker,
    RequestRules rules,
    CallerIdentification callers,
    RateLimits limits,
    RefusalLog refusals,
    RequestBody bodies,
    IOptions<JsonRpcOptions> options)
{
    // One that says more than that there is no room.
    private const int ShortError = 1024;

    private const string RequestSpan = "JSON-RPC";

    private static readonly RpcError KeyOfABatch = RpcError.NotExecuted(
        RpcErrorCode.InvalidRequest, RpcErrorReason.InvalidRequest, "The header Idempotency-Key is for one call. Give each request of a batch a member idempotency_key of its own.");

    private readonly JsonRpcOptions _options = options.Value;

    public Task HandleAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        return CallSpans.AreWanted && CallSpans.Receive(RequestSpan, headers.TraceParent, headers.TraceState) is { } span ? HandleInSpanAsync(context, span) : HandleRequestAsync(context);
    }

    private async Task HandleInSpanAsync(HttpContext context, Activity span)
    {
        using (span)
        {
            await HandleRequestAsync(context);
            span.SetTag("http.request.method", context.Request.Method).SetTag("url.path", context.Request.Path.Value).SetTag("http.response.status_code", context.Response.StatusCode);
        }
    }

    private async Task HandleRequestAsync(HttpContext context)
    {
        if (rules.Refusal(context) is var (status, error))
        {
            if (status == StatusCodes.Status405MethodNotAllowed)
            {
                context.Response.Headers.Allow = HttpMethods.Post;
            }

            if (status == StatusCodes.Status403Forbidden)
            {
                refusals.Note(context, caller: null, error);
            }

            Refuse(context.Response, status, error);
            return;
        }

        try
        {
            var identification = await callers.IdentifyAsync(context);
            if (identification.Caller is not { } caller)
            {
                RefuseCaller(context, identification.Error!);
                return;
            }

            var body = await bodies.ReadAsync(context.Request, context.RequestAborted);
            if (body is null)
            {
                CloseAfterwards(context);
                Refuse(context.Response, StatusCodes.Status413PayloadTooLarge, RpcError.NotExecuted(
                    RpcErrorCode.InvalidRequest,
                    RpcErrorReason.BodyTooLarge,
                    $"The body has more than {_options.MaxBodyBytes} bytes. Send less at once."));
                return;
            }

            if (!TryParse(context, caller, body, out var request, out var batch))
            {
                return;
            }

            if (batch is not null)
            {
                await AnswerBatchAsync(context, caller, batch);
                return;
            }

            // Awaited here and not one method further down: each that waits for a call costs it memory.
            Answer(context, caller, request, await CallAsync(request, caller, request.IsNotification ? CancellationToken.None : context.RequestAborted));
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client has hung up, or the server has stopped: there is nobody to answer.
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            // It came too slowly, or broke a rule of HTTP.
            CloseAfterwards(context);
            Refuse(context.Response, exception.StatusCode, RpcError.NotExecuted(RpcErrorCode.InvalidRequest, RpcErrorReason.InvalidRequest, $"The request could not be read: {exception.Message}"));
        }
    }

    // Whoever tries out tokens uses up the calls of its address.
    private void RefuseCaller(HttpContext context, RpcError error)
    {
        error = limits.Refusal(Caller.Anonymous, context.Connection, calls: 1) ?? error;
        refusals.Note(context, caller: null, error);
        Refuse(context.Response, StatusOf(error), error);
    }

    // Gives what is asked for, or answers that it can't be.
    private bool TryParse(HttpContext context, Caller caller, byte[] body, out RpcRequest request, out List<RpcRequest>? batch)
    {
        request = default;
        batch = null;
        var response = context.Response;
        if (RequestHeaders.Read(context.Request.Headers, out var common) is { } invalid)
        {
            Refuse(response, StatusCodes.Status400BadRequest, invalid);
        }
        else if (RequestParser.Parse(body, _options, common, out request, out batch) is { } error)
        {
            var status = error.Reason == RpcErrorReason.BatchTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest;
            Refuse(response, status, error);
        }
        else if (batch?.Count > limits.MostAtOnce)
        {
            Refuse(response, StatusCodes.Status413PayloadTooLarge, RpcError.NotExecuted(
                RpcErrorCode.InvalidRequest, RpcErrorReason.BatchTooLarge, $"The batch has more than the {limits.MostAtOnce} calls that may come at once. Send it in parts."));
        }
        else if (limits.Refusal(caller, context.Connection, batch?.Count ?? 1) is { } tooMany)
        {
            refusals.Note(context, caller, tooMany);
            Refuse(response, StatusOf(tooMany), tooMany, request.Id);
        }
        else if (batch is not null && common.IdempotencyKey is not null)
        {
            Refuse(response, StatusCodes.Status400BadRequest, KeyOfABatch);
        }
        else if (request.Error is not null)
        {
            Refuse(response, StatusCodes.Status400BadRequest, request.Error, request.Id);
        }
        else
        {
            return true;
        }

        return false;
    }

    private void Answer(HttpContext context, Caller caller, in RpcRequest request, in CallOutcome outcome)
    {
        if (outcome.Error is { } error && RefusalLog.IsRefusal(error))
        {
            Note(context, caller, request, error);
            Refuse(context.Response, StatusOf(error), error, request.Id);
        }
        else if (request.IsNotification)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            var left = _options.MaxResponseBytes;
            Write(context.Response, Fitting(request, outcome, ref left));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerBatchAsync(HttpContext context, Caller caller, List<RpcRequest> batch)
    {
        // All are started before any is awaited: they run at the same time, and an error is an outcome like any other.
        var group = invoker.BeginGroup(caller);
        var calls = new ValueTask<CallOutcome>[batch.Count];
        for (var i = 0; i < calls.Length; i++)
        {
#pragma warning disable CA2012 // Each is awaited once, below; a task for each would cost more than waiting in order.
            calls[i] = CallAsync(batch[i], caller, batch[i].IsNotification ? CancellationToken.None : context.RequestAborted, group);
#pragma warning restore CA2012
        }

        group.Send();

        var left = _options.MaxResponseBytes;
        var responses = new List<RpcResponse>(calls.Length);
        for (var i = 0; i < calls.Length; i++)
        {
            var outcome = await calls[i];
            if (outcome.Error is { } error && RefusalLog.IsRefusal(error))
            {
                Note(context, caller, batch[i], error);
            }

            if (!batch[i].IsNotification)
            {
                responses.Add(Fitting(batch[i], outcome, ref left));
            }
        }

        WriteBatch(context.Response, responses);
    }

    private ValueTask<CallOutcome> CallAsync(in RpcRequest request, Caller caller, CancellationToken cancellationToken, CallGroup? group = null)
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
            : limits.Refusal(address) is { } tooMany
            ? new(tooMany)
            : invoker.InvokeAsync(address, new RawJson(request.Params), caller, fromOutside: true, request.Options, cancellationToken, group);
    }

    // What does not fit becomes an error. One that is an error already may be large too, by what a service adds to it.
    private RpcResponse Fitting(in RpcRequest request, in CallOutcome outcome, ref int left)
    {
        var response = new RpcResponse(request.Id, outcome, request.Options.Trace);
        if (response.Length <= left || (outcome.Error is not null && response.Length <= ShortError))
        {
            left -= response.Length;
            return response;
        }

        var message = $"The answer does not fit in the {_options.MaxResponseBytes} bytes that a response may have. Ask for less at once.";
        return new RpcResponse(request.Id, new RpcError((int)RpcErrorCode.InternalError, message, RpcErrorReason.ResponseTooLarge, outcome.Error?.Executed ?? Executed.Yes));
    }

    private void Note(HttpContext context, Caller caller, in RpcRequest request, RpcError error) =>
        refusals.Note(context, caller, Names.Excerpt(Encoding.UTF8.GetString(request.Method.Span)), error);

    private static int StatusOf(RpcError error) => error.Reason switch
    {
        RpcErrorReason.RateLimited => StatusCodes.Status429TooManyRequests,
        RpcErrorReason.IssuerUnavailable => StatusCodes.Status503ServiceUnavailable,
        _ => (RpcErrorCode)error.Code switch
        {
            RpcErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
            RpcErrorCode.PermissionDenied => StatusCodes.Status403Forbidden,
            _ => StatusCodes.Status200OK,
        },
    };

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
        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = error.Reason == RpcErrorReason.InvalidToken ? "Bearer error=\"invalid_token\"" : "Bearer";
        }

        if (error.RetryAfterMs is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait / 1000d).ToString(CultureInfo.InvariantCulture);
        }

        Write(response, new RpcResponse(id, error));
    }

    private static void Write(HttpResponse response, in RpcResponse answer)
    {
        response.ContentType = MediaTypeNames.Application.Json;
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

        response.ContentType = MediaTypeNames.Application.Json;
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
