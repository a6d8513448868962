using System.Diagnostics.CodeAnalysis;
using System.Dynamic;
using System.Text.Json;

namespace Orrery.Rpc.Dynamic;

/// <summary>
/// The result of a dynamic call. Assigned or cast to a type it converts to that type; its members and elements can be
/// reached by name and position; <see cref="Json"/> is all of it.
/// </summary>
public sealed class DynamicResult : DynamicObject
{
    private readonly RawJson _raw;
    private JsonElement? _json;

    internal DynamicResult(RawJson raw) => _raw = raw;

    /// <summary>The result as JSON.</summary>
    public JsonElement Json => _json ??= JsonSerializer.Deserialize<JsonElement>(_raw.Utf8.Span);

    /// <summary>Reads the result as a type.</summary>
    /// <exception cref="JsonException">It is not of that type.</exception>
    public T? As<T>() => _raw.Deserialize<T>();

    /// <inheritdoc/>
    public override bool TryConvert(ConvertBinder binder, out object? result)
    {
        ArgumentNullException.ThrowIfNull(binder);
        result = binder.Type == typeof(System.Collections.IEnumerable)
            ? Json.EnumerateArray().Select(element => new DynamicResult(Raw(element))).ToArray()
            : JsonSerializer.Deserialize(_raw.Utf8.Span, binder.Type, WireJson.Options);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryGetMember(GetMemberBinder binder, [NotNullWhen(true)] out object? result)
    {
        ArgumentNullException.ThrowIfNull(binder);
        return TryMember(binder.Name, out result);
    }

    /// <inheritdoc/>
    public override bool TryGetIndex(GetIndexBinder binder, object[] indexes, [NotNullWhen(true)] out object? result)
    {
        switch (indexes)
        {
            case [string name]:
                return TryMember(name, out result);
            case [int index] when Json.ValueKind is JsonValueKind.Array && index >= 0 && index < Json.GetArrayLength():
                result = new DynamicResult(Raw(Json[index]));
                return true;
            default:
                result = null;
                return false;
        }
    }

    /// <summary>The text of a string, else the JSON.</summary>
    public override string ToString() => Json.ToString();

    private static RawJson Raw(JsonElement element) => new(JsonSerializer.SerializeToUtf8Bytes(element));

    private bool TryMember(string name, [NotNullWhen(true)] out object? result)
    {
        result = Json.ValueKind is JsonValueKind.Object && Json.TryGetProperty(name, out var member) ? new DynamicResult(Raw(member)) : null;
        return result is not null;
    }
}
