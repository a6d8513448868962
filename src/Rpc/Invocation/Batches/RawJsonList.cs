using System.Buffers;
using System.Buffers.Binary;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace Orrery.Rpc.Invocation.Batches;

/// <summary>JSON values that travel together: read, they share one piece of memory.</summary>
/// <param name="values">The values. Nobody changes them.</param>
internal readonly struct RawJsonList(RawJson[] values)
{
    public RawJson[] Values { get; } = values;
}

/// <summary>Writes how many there are, the length of each, and the bytes of all.</summary>
[RegisterSerializer]
internal sealed class RawJsonListCodec : IFieldCodec<RawJsonList>
{
    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, RawJsonList value)
        where TBufferWriter : IBufferWriter<byte>
    {
        ReferenceCodec.MarkValueField(writer.Session);
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(RawJsonList), WireType.LengthPrefixed);
        var length = sizeof(int) * (1 + value.Values.Length);
        foreach (var one in value.Values)
        {
            length += one.Utf8.Length;
        }

        writer.WriteVarUInt32((uint)length);
        writer.WriteInt32(value.Values.Length);
        foreach (var one in value.Values)
        {
            writer.WriteInt32(one.Utf8.Length);
        }

        foreach (var one in value.Values)
        {
            writer.Write(one.Utf8.Span);
        }
    }

    public RawJsonList ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        ReferenceCodec.MarkValueField(reader.Session);
        var all = reader.ReadBytes(reader.ReadVarUInt32()).AsMemory();
        var values = new RawJson[BinaryPrimitives.ReadInt32LittleEndian(all.Span)];
        var lengths = all[sizeof(int)..];
        var bytes = lengths[(sizeof(int) * values.Length)..];
        for (var i = 0; i < values.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(lengths.Span[(sizeof(int) * i)..]);
            values[i] = new RawJson(bytes[..length]);
            bytes = bytes[length..];
        }

        return new RawJsonList(values);
    }
}

/// <summary>The values never change, so a copy is the list itself.</summary>
[RegisterCopier]
internal sealed class RawJsonListCopier : IDeepCopier<RawJsonList>
{
    public RawJsonList DeepCopy(RawJsonList input, CopyContext context) => input;
}
