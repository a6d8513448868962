using System.Net;
using System.Text;
using System.Text.Json;

namespace Orrery.Gateway.Tests.Wire;

/// <summary>What a gateway answered over HTTP.</summary>
public sealed record Reply(HttpStatusCode Status, string? ContentType, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public JsonElement Result => Member("result");

    public JsonElement Error => Member("error");

    public JsonElement Data => Error.GetProperty("data");

    public int Code => Error.GetProperty("code").GetInt32();

    public string Message => Error.GetProperty("message").GetString()!;

    public string Reason => Data.GetProperty("reason").GetString()!;

    public string Executed => Data.GetProperty("executed").GetString()!;

    public bool Retryable => Data.GetProperty("retryable").GetBoolean();

    public string Id => Json.GetProperty("id").GetRawText();

    public override string ToString() => $"{(int)Status} {Text}";

    public void Is(HttpStatusCode status, int code, string reason)
    {
        Assert.True((status, code, reason) == (Status, Code, Reason), ToString());
        Assert.Equal("application/json", ContentType);
    }

    private JsonElement Member(string name)
    {
        Assert.True(Json.TryGetProperty(name, out var member), ToString());
        return member;
    }
}
