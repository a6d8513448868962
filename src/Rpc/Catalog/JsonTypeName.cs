using System.Text.Json.Serialization.Metadata;

namespace Orrery.Rpc.Catalog;

/// <summary>Says in words which JSON a C# type is read from, for the catalog and for error messages.</summary>
internal static class JsonTypeName
{
    private static readonly Dictionary<Type, string> Scalars = new()
    {
        [typeof(string)] = "string",
        [typeof(char)] = "string of one character",
        [typeof(bool)] = "boolean",
        [typeof(byte)] = "integer from 0 to 255",
        [typeof(sbyte)] = "integer from -128 to 127",
        [typeof(short)] = "integer from -32768 to 32767",
        [typeof(ushort)] = "integer from 0 to 65535",
        [typeof(int)] = "32-bit integer",
        [typeof(uint)] = "unsigned 32-bit integer",
        [typeof(long)] = "64-bit integer",
        [typeof(ulong)] = "unsigned 64-bit integer",
        [typeof(Int128)] = "128-bit integer",
        [typeof(UInt128)] = "unsigned 128-bit integer",
        [typeof(float)] = "number",
        [typeof(double)] = "number",
        [typeof(Half)] = "number",
        [typeof(decimal)] = "number",
        [typeof(DateTime)] = "date and time string (ISO 8601)",
        [typeof(DateTimeOffset)] = "date and time string (ISO 8601)",
        [typeof(DateOnly)] = "date string (ISO 8601)",
        [typeof(TimeOnly)] = "time string (ISO 8601)",
        [typeof(TimeSpan)] = "duration string (hh:mm:ss)",
        [typeof(Guid)] = "UUID string",
        [typeof(Uri)] = "URI string",
        [typeof(byte[])] = "base64 string",
        [typeof(ReadOnlyMemory<byte>)] = "base64 string",
        [typeof(Memory<byte>)] = "base64 string",
    };

    public static string Of(Type type) => Of(Nullable.GetUnderlyingType(type) ?? type, Of, static _ => "object");

    /// <summary>The same, with what the caller says of the parts.</summary>
    /// <param name="type">The type.</param>
    /// <param name="ofPart">Gives the words for the elements of an array, or the values of a dictionary.</param>
    /// <param name="ofObject">Gives those for an object.</param>
    public static string Of(Type type, Func<Type, string> ofPart, Func<JsonTypeInfo, string> ofObject)
    {
        if (Scalars.TryGetValue(type, out var name))
        {
            return name;
        }

        if (type.IsEnum)
        {
            return TypeText.Enum + string.Join(", ", ExactEnumConverter.NamesOf(type));
        }

        var info = WireJson.Options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => TypeText.Array + ofPart(info.ElementType!),
            JsonTypeInfoKind.Dictionary => TypeText.Dictionary + ofPart(info.ElementType!),
            JsonTypeInfoKind.Object => ofObject(info),
            _ => "any JSON",
        };
    }
}
