using System.Buffers;
using System.Text;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace Orrery.Rpc.Security;

/// <summary>
/// Writes a caller, who goes with every call: nothing for whoever calls a gateway that asks nobody who they are, as that is
/// the same object on all nodes; else the length of the id, the id and the permissions.
/// </summary>
[RegisterSerializer]
internal sealed class CallerCodec : IFieldCodec<Caller?>
{
    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, Caller? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (value is null)
        {
            ReferenceCodec.WriteNullReference(ref writer, fieldIdDelta);
            return;
        }

        ReferenceCodec.MarkValueField(writer.Session);
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(Caller), WireType.LengthPrefixed);
        if (ReferenceEquals(value, Caller.Unknown))
        {
            writer.WriteVarUInt32(0);
            return;
        }

        var idLength = Encoding.UTF8.GetByteCount(value.Id);
        writer.WriteVarUInt32((uint)(sizeof(int) + idLength + Encoding.UTF8.GetByteCount(value.Permissions)));
        writer.WriteInt32(idLength);
        writer.Write(Encoding.UTF8.GetBytes(value.Id));
        writer.Write(Encoding.UTF8.GetBytes(value.Permissions));
    }

    public Caller? ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.WireType is WireType.Reference)
        {
            return ReferenceCodec.ReadReference<Caller?, TInput>(ref reader, field);
        }

        ReferenceCodec.MarkValueField(reader.Session);
        var length = reader.ReadVarUInt32();
        if (length == 0)
        {
            return Caller.Unknown;
        }

        var idLength = reader.ReadInt32();
        var text = reader.ReadBytes(length - sizeof(int)).AsSpan();
        return new Caller(Encoding.UTF8.GetString(text[..idLength]), Encoding.UTF8.GetString(text[idLength..]));
    }
}

/// <summary>A caller never changes, so a copy is the caller itself.</summary>
[RegisterCopier]
internal sealed class CallerCopier : IDeepCopier<Caller?>
{
    public Caller? DeepCopy(Caller? input, CopyContext context) => input;
}
