namespace Orrery.Rpc.Invocation;

/// <summary>What a caller says of one call besides its address and parameters.</summary>
/// <param name="Timeout">
/// For how long it waits; null for the method's own time, or the default. A call that this one is part of may leave less.
/// </param>
/// <param name="Trace">Notes how the outcome came about; null when nobody asks.</param>
/// <param name="IdempotencyKey">
/// Calls with the same key are one call: it runs once, and all get its outcome. Null for a call of its own.
/// </param>
public readonly record struct CallOptions(TimeSpan? Timeout = null, CallTrace? Trace = null, string? IdempotencyKey = null);
