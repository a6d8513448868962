using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Orrery.Gateway.Tests;

/// <summary>Sends bodies, well-formed or not, and gives what came back.</summary>
public sealed class RpcClient(Uri address)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<Answer> SendAsync(string body) => SendAsync(Encoding.UTF8.GetBytes(body));

    public async Task<Answer> SendAsync(byte[] body, string? contentType = "application/json", Version? version = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return await SendAsync(content, version);
    }

    public Task<Answer> SendAsync(HttpContent content, Version? version = null, Action<HttpRequestMessage>? change = null) =>
        SendUntilAsync(content, version ?? HttpVersion.Version11, change, Token);

    public async Task<Answer> SendUntilAsync(HttpContent content, Version version, Action<HttpRequestMessage>? change, CancellationToken giveUp)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content, Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        change?.Invoke(request);
        using var response = await Http.SendAsync(request, giveUp);
        return new Answer((int)response.StatusCode, response.Version, response.Content.Headers.ContentType?.MediaType, response.Content.Headers.Allow, await response.Content.ReadAsByteArrayAsync(Token));
    }

    public async Task<JsonElement> CallAsync(string method, string? parameters = null)
    {
        var answer = await SendAsync($$"""{"jsonrpc":"2.0","method":"{{method}}",{{(parameters is null ? "" : $"\"params\":{parameters},")}}"id":1}""");
        Assert.Equal(200, answer.Status);
        Assert.Equal("1", answer.Json.GetProperty("id").GetRawText());
        return answer.Json;
    }

    public async Task<string> ResultAsync(string method, string? parameters = null)
    {
        var answer = await CallAsync(method, parameters);
        Assert.True(answer.TryGetProperty("result", out var result), answer.GetRawText());
        return result.GetRawText();
    }

    public async Task<Error> ErrorAsync(string method, string? parameters = null) => Error.Of(await CallAsync(method, parameters));
}

/// <summary>An HTTP response with its body.</summary>
public sealed record Answer(int Status, Version Version, string? ContentType, ICollection<string> Allow, byte[] Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public Error Error => Error.Of(Json);

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>The error object of an answer.</summary>
public sealed record Error(int Code, string Message, string Reason, string Executed, bool Retryable, JsonElement Data)
{
    public static Error Of(JsonElement answer)
    {
        Assert.True(answer.TryGetProperty("error", out var error), answer.GetRawText());
        var data = error.GetProperty("data");
        return new Error(
            error.GetProperty("code").GetInt32(),
            error.GetProperty("message").GetString()!,
            data.GetProperty("reason").GetString()!,
            data.GetProperty("executed").GetString()!,
            data.GetProperty("retryable").GetBoolean(),
            data);
    }
}
