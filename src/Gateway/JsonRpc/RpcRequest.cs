using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Gateway.JsonRpc;

/// <summary>One request of a body, as slices of it.</summary>
/// <param name="Method">The JSON string of the method, with its quotes.</param>
/// <param name="Params">The JSON of the parameters; empty when there are none.</param>
/// <param name="Id">The JSON of the id; empty for a notification.</param>
/// <param name="Options">What else the caller says of the call.</param>
/// <param name="Error">Why it is no request; null when it is one.</param>
internal readonly record struct RpcRequest(ReadOnlyMemory<byte> Method, ReadOnlyMemory<byte> Params, ReadOnlyMemory<byte> Id, CallOptions Options, RpcError? Error)
{
    /// <summary>Whether the caller wants no answer. What is no request at all is answered all the same.</summary>
    public bool IsNotification => Id.IsEmpty && Error is null;
}
