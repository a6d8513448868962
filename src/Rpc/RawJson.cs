using System.Buffers;
using System.Text;
using System.Text.Json;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace Orrery.Rpc;

/// <summary>One JSON value as the UTF-8 it was written in. Nobody changes the bytes behind it.</summary>
/// <param name="utf8">The bytes; empty stands for "nothing given".</param>
public readonly struct RawJson(ReadOnlyMemory<byte> utf8)
{
    /// <summary>The JSON value <c>null</c>.</summary>
    public static readonly RawJson Null = new("null"u8.ToArray());

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    /// <summary>Whether nothing was given.</summary>
    public bool IsEmpty => Utf8.IsEmpty;

    /// <summary>Serializes a value as the platform does everywhere (<see cref="WireJson"/>); null gives an empty one.</summary>
    public static RawJson From(object? value) => value switch
    {
        null => default,
        RawJson raw => raw,
        _ => new RawJson(JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), WireJson.Options)),
    };

    /// <summary>Reads the value as a type.</summary>
    /// <exception cref="JsonException">The value is not of that type.</exception>
    public T? Deserialize<T>() => JsonSerializer.Deserialize<T>(Utf8.Span, WireJson.Options);

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}

/// <summary>Writes the bytes behind a length, straight into the message.</summary>
[RegisterSerializer]
internal sealed class RawJsonCodec : IFieldCodec<RawJson>
{
    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, RawJson value)
        where TBufferWriter : IBufferWriter<byte>
    {
        ReferenceCodec.MarkValueField(writer.Session);
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(RawJson), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)value.Utf8.Length);
        writer.Write(value.Utf8.Span);
    }

    public RawJson ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        ReferenceCodec.MarkValueField(reader.Session);
        var length = reader.ReadVarUInt32();
        return length == 0 ? default : new RawJson(reader.ReadBytes(length));
    }
}

/// <summary>The bytes never change, so a copy is the value itself.</summary>
[RegisterCopier]
internal sealed class RawJsonCopier : IDeepCopier<RawJson>
{
    public RawJson DeepCopy(RawJson input, CopyContext context) => input;
}
