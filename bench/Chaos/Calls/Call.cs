namespace Orrery.Chaos.Calls;

/// <summary>What a call asks for.</summary>
internal enum Kind
{
    /// <summary>A method of a role that is the same run twice as once.</summary>
    Idempotent,

    /// <summary>A method of a role that must not run twice.</summary>
    Once,

    /// <summary>A method of one node and no other.</summary>
    Node,
}

/// <summary>A call to make.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Method">Its address.</param>
/// <param name="Parameters">What it is sent with.</param>
/// <param name="Entry">What it appends to the ledger, and no other call does; null where it appends nothing.</param>
internal sealed record CallRequest(Kind Kind, string Method, object Parameters, string? Entry = null);

/// <summary>A call that was made.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Sent">When, from the start of the load.</param>
/// <param name="Took">How long its caller waited.</param>
/// <param name="Outcome">What the caller was told.</param>
internal sealed record Call(CallRequest Request, TimeSpan Sent, TimeSpan Took, Outcome Outcome);
