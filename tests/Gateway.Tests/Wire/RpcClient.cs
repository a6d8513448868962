using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Orrery.Gateway.Tests.Wire;

/// <summary>Posts bodies to a gateway as they are.</summary>
public sealed class RpcClient(Uri address, HttpMessageHandler? handler = null) : IDisposable
{
    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler());

    /// <summary>The version of HTTP that bodies are posted with.</summary>
    public Version Version { get; init; } = HttpVersion.Version11;

    public Task<Reply> CallAsync(string method, string? parameters = null) => PostAsync(Request(method, parameters));

    public Task<Reply> PostAsync(string json) => PostAsync(Encoding.UTF8.GetBytes(json));

    public Task<Reply> PostAsync(byte[] body, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = content, Version = Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
    }

    /// <summary>Posts a body with one more header.</summary>
    public Task<Reply> PostAsync(string json, string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation(header, value);
        return SendAsync(request);
    }

    public async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        request.RequestUri = address;
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        request.Dispose();
        return new Reply(response.StatusCode, response.Content.Headers.ContentType?.ToString(), headers, body);
    }

    public void Dispose() => _http.Dispose();

    public static string Request(string method, string? parameters = null, string id = "1") =>
        parameters is null
            ? $$"""{"jsonrpc":"2.0","method":"{{method}}","id":{{id}}}"""
            : $$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}},"id":{{id}}}""";
}
