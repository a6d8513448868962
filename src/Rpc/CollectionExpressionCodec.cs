using System.Buffers;
using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace Orrery.Rpc;

/// <summary>
/// Lets <c>[a, b]</c> travel where a contract says <c>IReadOnlyList&lt;T&gt;</c>. The compiler makes a type of its own for
/// that, in the assembly of whoever wrote it; it travels, and is copied, as an array.
/// </summary>
internal sealed class CollectionExpressionCodec(IServiceProvider services) : IGeneralizedCodec, IGeneralizedCopier
{
    // Asked for when used: it is made of all codecs, this one included.
    private readonly Lazy<CodecProvider> _codecs = new(services.GetRequiredService<CodecProvider>);

    /// <summary>Whether the compiler made the type for a collection expression.</summary>
    public static bool IsCollectionExpression(Type type) =>
        type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal) && type.IsGenericType && typeof(IList).IsAssignableFrom(type);

    public bool IsSupportedType(Type type) => IsCollectionExpression(type);

    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, object? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        var array = ToArray(value!);
        _codecs.Value.GetCodec(array.GetType()).WriteField(ref writer, fieldIdDelta, expectedType, array);
    }

    // What was written says that it is an array, so an array is what is read.
    public object ReadValue<TInput>(ref Reader<TInput> reader, Field field) => throw new NotSupportedException();

    public object? DeepCopy(object? input, CopyContext context)
    {
        if (input is null)
        {
            return null;
        }

        var array = ToArray(input);
        return _codecs.Value.GetDeepCopier(array.GetType()).DeepCopy(array, context);
    }

    private static Array ToArray(object value)
    {
        var list = (IList)value;
        var array = Array.CreateInstance(value.GetType().GenericTypeArguments[0], list.Count);
        list.CopyTo(array, 0);
        return array;
    }
}
