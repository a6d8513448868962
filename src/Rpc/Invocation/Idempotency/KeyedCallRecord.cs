namespace Orrery.Rpc.Invocation.Idempotency;

/// <summary>What the cluster keeps of a call with a key: that it was begun, and then what it came to.</summary>
internal sealed record KeyedCallRecord
{
    /// <summary>What tells the call from another one under the same key.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The node that makes the call, in this one of its lives.</summary>
    public required string Silo { get; init; }

    /// <summary>What makes the call on that node.</summary>
    public required string Activation { get; init; }

    /// <summary>Until when the key stands for this call.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether what it came to is known.</summary>
    public bool IsOver { get; init; }

    /// <summary>The result, when there is one.</summary>
    public RawJson Result { get; init; }

    /// <summary>The error, when there is one.</summary>
    public RpcError? Error { get; init; }

    /// <summary>How it came about.</summary>
    public CallAttempt[] Attempts { get; init; } = [];

    /// <summary>The outcome that every call with the key gets from now on.</summary>
    public KeyedOutcome ToOutcome() => new(Error is null ? Result : Error, Attempts, IsRepeated: true);

    /// <summary>Gives the record with what the call came to.</summary>
    public KeyedCallRecord With(KeyedOutcome outcome) => this with { IsOver = true, Result = outcome.Outcome.Result, Error = outcome.Outcome.Error, Attempts = outcome.Attempts };
}
