using Orrery.Grains.MetricsDashboard.Reports;

namespace Orrery.Grains.MetricsDashboard.History;

/// <summary>
/// Keeps reports in memory, for a cluster without a database: the last ones of each node, up to a number of them and of
/// nodes. The oldest goes for the newest.
/// </summary>
/// <param name="options">For how long.</param>
/// <param name="time">The clock.</param>
/// <param name="mostNodes">How many nodes there is room for; then the one that has been silent for longest goes.</param>
/// <param name="mostSamples">How many reports of each: six hours at their fastest. A report takes some 200 bytes.</param>
internal sealed class MemoryReportStore(MetricsOptions options, TimeProvider time, int mostNodes = 1000, int mostSamples = 720) : IReportStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);

    public Task<bool> AddAsync(NodeReport report, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(report.NodeId, out var node))
            {
                MakeRoom();
                _nodes.Add(report.NodeId, node = new Node(report));
            }

            return Task.FromResult(node.Add(report, mostSamples));
        }
    }

    public Task<IReadOnlyList<NodeReport>> NewestAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<NodeReport>>([.. _nodes.Values.Select(node => node.Newest)]);
        }
    }

    public Task<IReadOnlyList<MetricsSample>> SamplesAsync(string nodeId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<MetricsSample>>(_nodes.TryGetValue(nodeId, out var node) ? node.Between(from, to) : []);
        }
    }

    public Task<IReadOnlyList<MetricsPoint>> RollupsAsync(string? nodeId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var nodes = nodeId is null ? _nodes.Values : _nodes.TryGetValue(nodeId, out var one) ? [one] : Enumerable.Empty<Node>();
            var points = nodes.SelectMany(node => Averages.Points(node.Between(from - Averages.LongestGap, to), from, Averages.RollupInterval));
            return Task.FromResult(Averages.Points(points, Averages.RollupInterval));
        }
    }

    public Task MaintainAsync(CancellationToken cancellationToken)
    {
        var cutoff = Retention.OfReports(options, time.GetUtcNow());
        lock (_lock)
        {
            foreach (var (nodeId, node) in _nodes)
            {
                node.DropBefore(cutoff);
                if (node.IsEmpty)
                {
                    _nodes.Remove(nodeId);
                }
            }
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void MakeRoom()
    {
        if (_nodes.Count >= mostNodes)
        {
            _nodes.Remove(_nodes.MinBy(node => node.Value.Newest.At).Key);
        }
    }

    private sealed class Node(NodeReport first)
    {
        // By time. Taking the oldest moves the others, which is 6 KB to copy, for a report that comes every half minute.
        private readonly List<MetricsSample> _samples = [];

        public NodeReport Newest { get; private set; } = first;

        public bool IsEmpty => _samples.Count == 0;

        public bool Add(NodeReport report, int most)
        {
            var index = IndexOf(report.At);
            if (index < _samples.Count && _samples[index].At == report.At)
            {
                return false;
            }

            _samples.Insert(index, MetricsSample.Of(report.Metrics, report.At));
            Newest = report.At > Newest.At ? report : Newest;
            _samples.RemoveRange(0, Math.Max(0, _samples.Count - most));
            return true;
        }

        public List<MetricsSample> Between(DateTimeOffset from, DateTimeOffset to)
        {
            var start = IndexOf(from);
            return _samples.GetRange(start, Math.Max(0, IndexOf(to) - start));
        }

        public void DropBefore(DateTimeOffset cutoff) => _samples.RemoveRange(0, IndexOf(cutoff));

        // The first that is not before the time.
        private int IndexOf(DateTimeOffset at)
        {
            var (low, high) = (0, _samples.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _samples[middle].At < at ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}
