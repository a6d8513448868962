using System.Text.Json.Serialization;

namespace Orrery.Rpc;

/// <summary>What a call to all nodes came to on one of them.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Result">The method's result there; nothing when there is an error.</param>
/// <param name="Error">The error, or null.</param>
public sealed record NodeAnswer<T>(
    string NodeId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] T? Result = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RpcError? Error = null)
{
    /// <summary>The result, or the error thrown as an <see cref="RpcException"/>.</summary>
    public T? GetResultOrThrow() => Error is null ? Result : throw new RpcException(Error);
}
