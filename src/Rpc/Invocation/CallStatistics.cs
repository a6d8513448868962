using System.Collections.Concurrent;
using System.Diagnostics;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Invocation;

/// <summary>
/// The calls that this process has made since it started, by method and node. Typed calls to a node id are Orleans' own
/// references, which nothing stands beside: they are not counted.
/// </summary>
public sealed class CallStatistics
{
    private static readonly TimeSpan NodesThatAreGoneAreKeptFor = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Service, string Method, string NodeId), CallCounter> _counters = [];
    private readonly NodeRegistry _registry;

    internal CallStatistics(NodeRegistry registry) => _registry = registry;

    /// <summary>Gives the counts, by service, method and node. A node that is gone stays in them for an hour after the last call.</summary>
    public IReadOnlyList<CallCounts> Read()
    {
        foreach (var (key, counter) in _counters)
        {
            if (_registry.Current.Node(key.NodeId) is null && Stopwatch.GetElapsedTime(counter.LastCall) > NodesThatAreGoneAreKeptFor)
            {
                _counters.TryRemove(key, out _);
            }
        }

        return [.. _counters
            .OrderBy(pair => pair.Key)
            .Select(pair => pair.Value.Read(pair.Key.Service, pair.Key.Method, pair.Key.NodeId))
            .Where(counts => counts.Calls > 0)];
    }

    /// <summary>How many calls have ended.</summary>
    internal long CountCalls() => _counters.Values.Sum(counter => counter.CountCalls());

    internal CallCounter Of(string service, string method, string nodeId) => _counters.GetOrAdd((service, method, nodeId), static key => new CallCounter($"{key.Service}/{key.Method}"));
}
