using Orrery.Rpc.Invocation;

namespace Orrery.Grains.MetricsDashboard;

/// <summary>What the calls of the cluster came to, as the nodes that made them saw it, since each of those started.</summary>
/// <param name="Methods">The methods that were called, by service and name.</param>
/// <param name="Silent">The nodes that did not tell of their calls, and why; usually empty.</param>
[GenerateSerializer, Immutable, Alias("orrery.call_stats")]
public sealed record CallStats(
    [property: Id(0)] IReadOnlyList<MethodStats> Methods,
    [property: Id(1)] IReadOnlyDictionary<string, string> Silent)
{
    internal static CallStats Of(IEnumerable<CallCounts> counts, IReadOnlyDictionary<string, string> silent) => new(
        [.. counts
            .GroupBy(count => (count.Service, count.Method))
            .OrderBy(method => method.Key)
            .Select(method => new MethodStats(
                method.Key.Service,
                method.Key.Method,
                CallSummary.Of([.. method]),
                [.. method.GroupBy(count => count.NodeId).OrderBy(node => node.Key, StringComparer.Ordinal).Select(node => new NodeCallStats(node.Key, CallSummary.Of([.. node])))]))],
        silent);
}

/// <summary>The calls to one method.</summary>
/// <param name="Service">The service.</param>
/// <param name="Method">The method.</param>
/// <param name="Total">On all nodes together.</param>
/// <param name="Nodes">On each node that they went to, by node id.</param>
[GenerateSerializer, Immutable, Alias("orrery.method_stats")]
public sealed record MethodStats(
    [property: Id(0)] string Service,
    [property: Id(1)] string Method,
    [property: Id(2)] CallSummary Total,
    [property: Id(3)] IReadOnlyList<NodeCallStats> Nodes);

/// <summary>The calls to one method on one node.</summary>
/// <param name="NodeId">The node that they went to.</param>
/// <param name="Calls">What they came to.</param>
[GenerateSerializer, Immutable, Alias("orrery.node_call_stats")]
public sealed record NodeCallStats([property: Id(0)] string NodeId, [property: Id(1)] CallSummary Calls);

/// <summary>What a number of calls came to.</summary>
/// <param name="Count">All calls that have ended.</param>
/// <param name="Errors">Those that ended in an error, by its code.</param>
/// <param name="P50Ms">The milliseconds that half of them took at most; right to an eighth, as all percentiles here.</param>
/// <param name="P90Ms">The milliseconds that 90 % took at most.</param>
/// <param name="P99Ms">The milliseconds that 99 % took at most.</param>
/// <param name="MaxMs">The milliseconds that the longest took.</param>
[GenerateSerializer, Immutable, Alias("orrery.call_summary")]
public sealed record CallSummary(
    [property: Id(0)] long Count,
    [property: Id(1)] IReadOnlyDictionary<int, long> Errors,
    [property: Id(2)] double? P50Ms,
    [property: Id(3)] double? P90Ms,
    [property: Id(4)] double? P99Ms,
    [property: Id(5)] double? MaxMs)
{
    internal static CallSummary Of(IReadOnlyCollection<CallCounts> counts)
    {
        var latency = LatencyBuckets.Sum(counts.Select(count => count.Latency));
        return new CallSummary(
            counts.Sum(count => count.Calls),
            counts.SelectMany(count => count.Errors).GroupBy(error => error.Key).OrderBy(code => code.Key).ToDictionary(code => code.Key, code => code.Sum(error => error.Value)),
            LatencyBuckets.Percentile(latency, 50),
            LatencyBuckets.Percentile(latency, 90),
            LatencyBuckets.Percentile(latency, 99),
            LatencyBuckets.Percentile(latency, 100));
    }
}
