using System.Text.Json;
using Orrery.Rpc.Invocation;

namespace Orrery.Rpc;

/// <summary>
/// The one exception that crosses nodes as it is: a service throws it to refuse a call, and a caller gets it for
/// everything a call can come to besides a result.
/// </summary>
/// <remarks>Any other exception that leaves a method becomes <see cref="RpcErrorCode.InternalError"/>; its text stays in the node's log.</remarks>
[GenerateSerializer, Alias("orrery.exception")]
public sealed class RpcException : Exception
{
    /// <summary>Raises an error of the service's own, with the code -32000.</summary>
    /// <param name="message">What the caller should know and do.</param>
    public RpcException(string message)
        : this((int)RpcErrorCode.ServiceError, message)
    {
    }

    /// <summary>Raises an error of the service's own.</summary>
    /// <param name="code">-32000, or any code outside -32768 to -32000, which JSON-RPC reserves.</param>
    /// <param name="message">What the caller should know and do.</param>
    /// <param name="details">Data for the caller, serialized to JSON here; reaches it as <c>data.details</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The code is reserved.</exception>
    public RpcException(int code, string message, object? details = null)
        : this(new RpcError(Own(code), message, RpcErrorReason.ServiceError, Executed.Yes, Details: RawJson.From(details)))
    {
    }

    /// <summary>Carries an error on as an exception.</summary>
    public RpcException(RpcError error)
        : base(error?.Message)
    {
        ArgumentNullException.ThrowIfNull(error);
        Error = error;
    }

    /// <summary>The error as a value.</summary>
    [Id(0)]
    public RpcError Error { get; }

    /// <summary>A <see cref="RpcErrorCode"/>, or a service's own code.</summary>
    public int Code => Error.Code;

    /// <summary>A stable word of <see cref="RpcErrorReason"/>.</summary>
    public string Reason => Error.Reason;

    /// <summary>Whether the method has run.</summary>
    public Executed Executed => Error.Executed;

    /// <summary>Refuses a parameter's value, with the code -32602.</summary>
    /// <param name="name">The parameter's name as callers write it.</param>
    /// <param name="message">What is wrong with the value and what would be right.</param>
    public static RpcException InvalidParameter(string name, string message) =>
        new(new RpcError((int)RpcErrorCode.InvalidParams, message, RpcErrorReason.InvalidParameter, Executed.Yes,
            Details: RawJson.From(new { parameter = name })));

    /// <summary>Reads the details as a type of the caller's, or its default when there are none.</summary>
    public T? GetDetails<T>() => Error.Details.IsEmpty ? default : Error.Details.Deserialize<T>();

    private static int Own(int code) => code is > (int)RpcErrorCode.ServiceError or < -32768 or (int)RpcErrorCode.ServiceError
        ? code
        : throw new ArgumentOutOfRangeException(nameof(code), code, "Codes from -32768 to -32001 are JSON-RPC's and Orrery's; use -32000 or a code outside that range.");
}
