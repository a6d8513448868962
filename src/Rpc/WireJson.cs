using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Orrery.Rpc;

/// <summary>How values are written as JSON and read from it, everywhere in the platform.</summary>
public static class WireJson
{
    /// <summary>The deepest nesting of a value.</summary>
    public const int MaxDepth = 512;

    /// <summary>
    /// <c>snake_case</c> members; enums as <c>snake_case</c> strings; numbers as numbers; null only where the C# type
    /// allows it; a member given twice is refused; a member that a type does not have is passed over, so that a newer
    /// caller can talk to an older service.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            AllowDuplicateProperties = false,
            // Whoever takes JSON from outside has a limit of its own, which is this one at most.
            MaxDepth = MaxDepth,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters =
            {
                new ExactEnumConverter(),
                new RawJsonConverter(),
                new FiniteConverter<double>(JsonMetadataServices.DoubleConverter),
                new FiniteConverter<float>(JsonMetadataServices.SingleConverter),
                new FiniteConverter<Half>(JsonMetadataServices.HalfConverter),
            },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    // 1e999 would be read as infinity, which no JSON could answer with.
    private sealed class FiniteConverter<T>(JsonConverter<T> number) : JsonConverter<T>
        where T : struct, IFloatingPointIeee754<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var value = number.Read(ref reader, typeToConvert, options);
            return T.IsFinite(value) ? value : throw new JsonException("The number is out of range.");
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => number.Write(writer, value, options);
    }

    private sealed class RawJsonConverter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new RawJson(JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray());
        }

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
        {
            if (value.IsEmpty)
            {
                writer.WriteNullValue();
            }
            else
            {
                writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
            }
        }
    }
}
