using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Invocation;

/// <summary>Reads the JSON parameters of one method into slots, in one pass, and says exactly what doesn't fit.</summary>
internal sealed class ParameterBinder(string method, IReadOnlyList<ServiceContract.Parameter> parameters)
{
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = WireJson.MaxDepth };

    private readonly byte[][] _names = [.. parameters.Select(parameter => Encoding.UTF8.GetBytes(parameter.Description.Name))];
    private readonly bool _takesTheRest = parameters.Count > 0 && parameters[^1].Info.IsDefined(typeof(ParamArrayAttribute), inherit: false);
    private ParameterSlot[]? _spare;

    /// <summary>Gives a set of slots, the spare one where it is free.</summary>
    public ParameterSlot[] Rent() => Interlocked.Exchange(ref _spare, null) ?? [.. parameters.Select(ParameterSlot.Create)];

    public void Return(ParameterSlot[] slots)
    {
        foreach (var slot in slots)
        {
            slot.Clear();
        }

        Volatile.Write(ref _spare, slots);
    }

    /// <summary>Fills the slots; gives the error where the parameters are not the method's.</summary>
    public RpcError? Bind(ParameterSlot[] slots, ReadOnlySpan<byte> json)
    {
        if (!json.IsEmpty)
        {
            if (Read(slots, json) is { } error)
            {
                return error;
            }
        }

        for (var i = 0; i < slots.Length; i++)
        {
            if (!slots[i].IsSet && !slots[i].TrySetDefault())
            {
                return Invalid(RpcErrorReason.MissingParameter, $"The parameter '{parameters[i].Description.Name}' ({parameters[i].Description.Type}) of {method} is missing.", i);
            }
        }

        return null;
    }

    private RpcError? Read(ParameterSlot[] slots, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Deep);
        try
        {
            reader.Read();
            return reader.TokenType switch
            {
                JsonTokenType.StartObject => BindNamed(slots, ref reader),
                JsonTokenType.StartArray => BindPositional(slots, ref reader, json),
                _ => Invalid(RpcErrorReason.WrongType, "The parameters must be an object or an array."),
            };
        }
        catch (InvalidOperationException)
        {
            // A name with an escape for half of a surrogate pair.
            return Invalid(RpcErrorReason.UnknownParameter, $"A parameter's name is not Unicode text. {Signature()}");
        }
    }

    private RpcError? BindNamed(ParameterSlot[] slots, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var index = IndexOf(ref reader);
            if (index < 0)
            {
                return Invalid(RpcErrorReason.UnknownParameter, $"{method} has no parameter '{Text(reader)}'. {Signature()}");
            }

            if (slots[index].IsSet)
            {
                return Invalid(RpcErrorReason.DuplicateParameter, $"The parameter '{parameters[index].Description.Name}' of {method} is given twice.", index);
            }

            reader.Read();
            if (Read(slots[index], index, ref reader) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private RpcError? BindPositional(ParameterSlot[] slots, ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        for (var index = 0; reader.Read() && reader.TokenType is not JsonTokenType.EndArray; index++)
        {
            if (index == slots.Length - 1 && _takesTheRest && reader.TokenType is not JsonTokenType.StartArray)
            {
                return ReadTheRest(slots[index], index, ref reader, json);
            }

            if (index == slots.Length)
            {
                return Invalid(RpcErrorReason.TooManyParameters, $"More than {slots.Length} parameters came. {Signature()}");
            }

            if (Read(slots[index], index, ref reader) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    // C#'s params: sum(1, 2, 4) is sum([1, 2, 4]).
    private RpcError? ReadTheRest(ParameterSlot slot, int index, ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        byte[] rest = [(byte)'[', .. json[(int)reader.TokenStartIndex..]];
        var values = new Utf8JsonReader(rest, Deep);
        values.Read();
        return Read(slot, index, ref values);
    }

    private int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (reader.ValueTextEquals(_names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private RpcError? Read(ParameterSlot slot, int index, ref Utf8JsonReader reader)
    {
        var start = reader;
        try
        {
            slot.Read(ref reader);
            return null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or OverflowException or NotSupportedException or ArgumentException)
        {
            return WrongType(index, start, exception as JsonException);
        }
    }

    private RpcError WrongType(int index, Utf8JsonReader value, JsonException? exception)
    {
        var parameter = parameters[index].Description;
        var came = Describe(value);
        // Within a value the serializer's path tells where: $.items[2].price.
        var path = exception?.Path is { Length: > 1 } inner && inner.StartsWith('$') ? inner[1..] : "";
        var missing = path.Length == 0 ? MissingMembers(value, parameters[index].Info.ParameterType) : [];
        var message = path.Length == 0
            ? $"The parameter '{parameter.Name}' of {method} must be {parameter.Type}, but {(missing.Length == 0 ? $"{came} came" : $"it lacks {string.Join(", ", missing)}")}."
            : $"The parameter '{parameter.Name}' of {method} must be {parameter.Type}, but its value does not fit at '{Shortened(parameter.Name + path)}'.";
        return Invalid(RpcErrorReason.WrongType, message, index);
    }

    private static string[] MissingMembers(Utf8JsonReader value, Type type)
    {
        var info = WireJson.Options.GetTypeInfo(type);
        if (info.Kind is not JsonTypeInfoKind.Object || value.TokenType is not JsonTokenType.StartObject)
        {
            return [];
        }

        var given = new HashSet<string>();
        while (value.Read() && value.TokenType is JsonTokenType.PropertyName)
        {
            given.Add(Text(value));
            value.Skip();
        }

        return [.. info.Properties
            .Where(property => (property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false }) && !given.Contains(property.Name))
            .Select(property => $"'{property.Name}'")];
    }

    private static string Describe(Utf8JsonReader value) => value.TokenType switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Number => $"the number {Shortened(Encoding.UTF8.GetString(value.ValueSpan))}",
        JsonTokenType.String => $"the string \"{Text(value)}\"",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };

    private static string Text(Utf8JsonReader value)
    {
        try
        {
            return Shortened(value.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // An escape for half of a surrogate pair.
            return "(not Unicode text)";
        }
    }

    private static string Shortened(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");

    private string Signature() => parameters.Count == 0
        ? "It takes no parameters."
        : $"It takes {string.Join(", ", parameters.Select(parameter => $"{parameter.Description.Name} ({parameter.Description.Type}{(parameter.Description.Optional ? ", optional" : "")})"))}.";

    private RpcError Invalid(string reason, string message, int index = -1) =>
        RpcError.NotExecuted(RpcErrorCode.InvalidParams, reason, message) with
        {
            Details = index < 0 ? default : RawJson.From(new { parameter = parameters[index].Description.Name }),
        };
}
