using Orrery.Rpc.Invocation.Idempotency;

namespace Orrery.Rpc.Invocation;

/// <summary>How the outcome of a call came about: each attempt, in the order in which they ended.</summary>
public sealed class CallTrace
{
    private readonly Lock _adding = new();
    private CallAttempt[] _attempts = [];

    /// <summary>The attempts that have ended. None when the call had nowhere to go.</summary>
    public IReadOnlyList<CallAttempt> Attempts => _attempts;

    /// <summary>Whether it is the outcome of an earlier call with the same idempotency key.</summary>
    public bool IsRepeated { get; private set; }

    internal void Add(KeyedOutcome made)
    {
        _attempts = made.Attempts;
        IsRepeated = made.IsRepeated;
    }

    internal void Add(CallAttempt attempt)
    {
        lock (_adding)
        {
            _attempts = [.. _attempts, attempt];
        }
    }
}

/// <summary>One attempt of a call.</summary>
/// <param name="NodeId">The node that it went to.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Error">What it came to; null for a result.</param>
[GenerateSerializer, Immutable, Alias("orrery.call_attempt")]
public sealed record CallAttempt([property: Id(0)] string NodeId, [property: Id(1)] double Milliseconds, [property: Id(2)] RpcError? Error);
