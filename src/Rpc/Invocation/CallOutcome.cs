namespace Orrery.Rpc.Invocation;

/// <summary>What a call came to, as a value: a result, or an error.</summary>
/// <param name="Result">The result as JSON; empty when there is an error.</param>
/// <param name="Error">The error, or null.</param>
[GenerateSerializer, Immutable, Alias("orrery.outcome")]
public readonly record struct CallOutcome([property: Id(0)] RawJson Result, [property: Id(1)] RpcError? Error)
{
    /// <summary>A result.</summary>
    public static implicit operator CallOutcome(RawJson result) => new(result, null);

    /// <summary>An error.</summary>
    public static implicit operator CallOutcome(RpcError error) => new(default, error);

    /// <summary>The result, or the error thrown as an <see cref="RpcException"/>.</summary>
    public RawJson GetResultOrThrow() => Error is null ? Result : throw new RpcException(Error);
}
