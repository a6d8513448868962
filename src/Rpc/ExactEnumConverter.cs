using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orrery.Rpc;

/// <summary>
/// Reads an enum from its own <c>snake_case</c> names and nothing else. The serializer's own converter would also take
/// other cases, and a list: <c>"red, dark_blue"</c> would quietly be some third value. Flags may be a list.
/// </summary>
internal sealed class ExactEnumConverter : JsonConverterFactory
{
    private readonly JsonStringEnumConverter _names = new(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

    public override bool CanConvert(Type typeToConvert) => _names.CanConvert(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
    {
        var converter = _names.CreateConverter(typeToConvert, options);
        return typeToConvert.IsDefined(typeof(FlagsAttribute), inherit: false)
            ? converter
            : (JsonConverter)Activator.CreateInstance(typeof(Exact<>).MakeGenericType(typeToConvert), converter)!;
    }

    /// <summary>Gives the names that the enum's values have as JSON.</summary>
    public static IEnumerable<string> NamesOf(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name));

    private sealed class Exact<T>(JsonConverter<T> converter) : JsonConverter<T>
        where T : struct, Enum
    {
        private readonly FrozenSet<string> _names = NamesOf(typeof(T)).ToFrozenSet();

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Check(reader);
            return converter.Read(ref reader, typeToConvert, options);
        }

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Check(reader);
            return converter.ReadAsPropertyName(ref reader, typeToConvert, options);
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => converter.Write(writer, value, options);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => converter.WriteAsPropertyName(writer, value, options);

        private void Check(in Utf8JsonReader reader)
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !_names.Contains(reader.GetString()!))
            {
                throw new JsonException("The text is none of the names.");
            }
        }
    }
}
