namespace Orrery.Rpc.Invocation;

/// <summary>How the outcome of a call came about: each attempt, in the order in which they ended.</summary>
public sealed class CallTrace
{
    private readonly Lock _adding = new();
    private CallAttempt[] _attempts = [];

    /// <summary>The attempts that have ended. None when the call had nowhere to go.</summary>
    public IReadOnlyList<CallAttempt> Attempts => _attempts;

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
public sealed record CallAttempt(string NodeId, double Milliseconds, RpcError? Error);
