using System.Text;
using System.Text.Json;

namespace Orrery.Load.Client;

/// <summary>A request, as the bytes that go over the wire, and what must come back.</summary>
internal sealed class Exchange
{
    /// <summary>What every call says, 64 characters and a number, also inside the cluster.</summary>
    public const string Text = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    public const long N = 41;

    private readonly string _text;
    private readonly bool _isPlain;

    private Exchange(string body, int port, int calls, string? token = null, bool isSecured = false, string text = Text, bool isPlain = false)
    {
        _text = text;
        _isPlain = isPlain;
        Calls = calls;
        Port = port;
        IsSecured = isSecured;
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        Request = Encoding.ASCII.GetBytes(
            $"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    /// <summary>The calls that one request makes.</summary>
    public int Calls { get; }

    public int Port { get; }

    /// <summary>Whether it goes over TLS.</summary>
    public bool IsSecured { get; }

    public byte[] Request { get; }

    public static Exchange WithToken(string method, int port, string token, bool isSecured) => new(Call(method, 1), port, 1, token, isSecured);

    public static Exchange Single(string method, int port) => new(Call(method, 1), port, 1);

    /// <summary>The parameters alone, which the result alone answers.</summary>
    public static Exchange Plain(int port) => new(Parameters(Text), port, 1, isPlain: true);

    /// <summary>A call that says 1 MiB.</summary>
    public static Exchange Large(string method, int port)
    {
        var text = string.Concat(Enumerable.Repeat(Text, 1024 * 1024 / Text.Length));
        return new(Call(method, 1, text), port, 1, text: text);
    }

    public static Exchange Batch(string method, int port, int calls) =>
        new($"[{string.Join(',', Enumerable.Range(1, calls).Select(id => Call(method, id)))}]", port, calls);

    /// <summary>Whether the body answers every call of the request, rightly and in order.</summary>
    public bool IsAnsweredBy(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        return _isPlain ? IsResult(root)
            : root.ValueKind is JsonValueKind.Array ? root.GetArrayLength() == Calls && root.EnumerateArray().Index().All(entry => IsAnswer(entry.Item, entry.Index + 1))
            : Calls == 1 && IsAnswer(root, 1);
    }

    private static string Parameters(string text) => $$$"""{"text":"{{{text}}}","n":{{{N}}}}""";

    private static string Call(string method, int id, string text = Text) =>
        $$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{Parameters(text)}},"id":{{id}}}""";

    private bool IsAnswer(JsonElement response, int id) =>
        response.TryGetProperty("result", out var result)
        && response.GetProperty("jsonrpc").GetString() == "2.0"
        && response.GetProperty("id").GetInt32() == id
        && IsResult(result);

    private bool IsResult(JsonElement result) => result.GetProperty("text").GetString() == _text && result.GetProperty("n").GetInt64() == N + 1;
}
