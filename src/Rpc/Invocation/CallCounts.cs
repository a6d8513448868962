namespace Orrery.Rpc.Invocation;

/// <summary>What the calls to one method on one node came to, as the node that made them saw it, since that one started.</summary>
/// <param name="Service">The service.</param>
/// <param name="Method">The method.</param>
/// <param name="NodeId">The node that the calls went to.</param>
/// <param name="Calls">All calls that have ended.</param>
/// <param name="Errors">Those that ended in an error, by its code.</param>
/// <param name="Latency">How many calls took how long, by <see cref="LatencyBuckets"/>; empty ones at the end are left out.</param>
[GenerateSerializer, Immutable, Alias("orrery.call_counts")]
public sealed record CallCounts(
    [property: Id(0)] string Service,
    [property: Id(1)] string Method,
    [property: Id(2)] string NodeId,
    [property: Id(3)] long Calls,
    [property: Id(4)] IReadOnlyDictionary<int, long> Errors,
    [property: Id(5)] IReadOnlyList<long> Latency);
