using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Invocation;

/// <summary>Holds the value of one parameter between reading it and passing it on, unboxed.</summary>
internal abstract class ParameterSlot
{
    public bool IsSet { get; protected set; }

    public static ParameterSlot Create(ServiceContract.Parameter parameter) =>
        (ParameterSlot)Activator.CreateInstance(typeof(ParameterSlot<>).MakeGenericType(parameter.Info.ParameterType), parameter)!;

    /// <summary>Reads the value that the reader stands on.</summary>
    public abstract void Read(ref Utf8JsonReader reader);

    /// <summary>Takes the default; false when there is none.</summary>
    public abstract bool TrySetDefault();

    /// <summary>Drops the value, so that a waiting slot keeps nothing alive.</summary>
    public abstract void Clear();
}

/// <inheritdoc/>
internal sealed class ParameterSlot<T>(ServiceContract.Parameter parameter) : ParameterSlot
{
    private static readonly JsonTypeInfo<T> Info = (JsonTypeInfo<T>)WireJson.Options.GetTypeInfo(typeof(T));

    // A scalar's converter needs none of the serializer's set-up, which costs more than the reading.
    private static readonly JsonConverter<T>? Scalar = Info.Kind is JsonTypeInfoKind.None ? Info.Converter as JsonConverter<T> : null;

    public T Value = default!;

    private readonly T _default = parameter.Default is T value ? value : default!;

    public override void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.Null)
        {
            if (!parameter.Nullable && typeof(T) != typeof(JsonElement))
            {
                throw new JsonException("null is not allowed");
            }

            Value = typeof(T) == typeof(JsonElement) ? JsonSerializer.Deserialize(ref reader, Info)! : default!;
        }
        else
        {
            Value = Scalar is null ? JsonSerializer.Deserialize(ref reader, Info)! : Scalar.Read(ref reader, typeof(T), WireJson.Options)!;
        }

        IsSet = true;
    }

    public override bool TrySetDefault()
    {
        Value = _default;
        return parameter.Description.Optional;
    }

    public override void Clear()
    {
        Value = default!;
        IsSet = false;
    }
}
