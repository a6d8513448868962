using System.Text.Json.Serialization;

namespace Orrery.Load.Handwritten;

/// <summary>A request for the one method that the endpoint knows. Plain setters: the serializer reads those fastest.</summary>
internal sealed class SayRequest
{
    public string? Jsonrpc { get; set; }

    public string? Method { get; set; }

    public SayParameters? Params { get; set; }

    public long Id { get; set; }
}

internal sealed class SayParameters
{
    public string? Text { get; set; }

    public long N { get; set; }
}

internal readonly record struct SayResponse(string Jsonrpc, Answer Result, long Id);

/// <summary>The serializers, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SayRequest))]
[JsonSerializable(typeof(SayRequest[]))]
[JsonSerializable(typeof(SayResponse))]
[JsonSerializable(typeof(SayResponse[]))]
internal sealed partial class SayJson : JsonSerializerContext;
