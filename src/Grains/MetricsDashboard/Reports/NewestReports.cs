using Orrery.Grains.SystemService;

namespace Orrery.Grains.MetricsDashboard.Reports;

/// <summary>The newest report of each node, and the interval that the node was told with it.</summary>
internal sealed class NewestReports
{
    /// <summary>For how long a node that has left is still shown: twice the longest interval, so that none that only reports seldom goes.</summary>
    public static readonly TimeSpan KeptAfterLeaving = TimeSpan.FromSeconds(2 * ReportInterval.Longest);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public bool Has(NodeReport report) => _entries.TryGetValue(report.NodeId, out var entry) && entry.Report.At == report.At;

    /// <summary>The seconds that the node was last told.</summary>
    public int IntervalOf(string nodeId) => _entries.TryGetValue(nodeId, out var entry) ? entry.Interval : ReportInterval.Shortest;

    /// <summary>Takes a report that was sent, unless a newer one is there, and gives when the next one is wanted.</summary>
    public int Take(NodeReport report)
    {
        if (_entries.TryGetValue(report.NodeId, out var entry) && entry.Report.At >= report.At)
        {
            return entry.Interval;
        }

        var interval = ReportInterval.After(entry?.Report.Metrics, report.Metrics, _entries.Count + (entry is null ? 1 : 0));
        _entries[report.NodeId] = new Entry(report, interval);
        return interval;
    }

    /// <summary>Takes reports that were read, where they are newer.</summary>
    public void Merge(IEnumerable<NodeReport> reports)
    {
        foreach (var report in reports)
        {
            if (!_entries.TryGetValue(report.NodeId, out var entry) || entry.Report.At < report.At)
            {
                _entries[report.NodeId] = new Entry(report, ReportInterval.Shortest);
            }
        }
    }

    /// <summary>Drops the nodes that are gone and have not reported for a while.</summary>
    public void Forget(IReadOnlySet<string> present, DateTimeOffset now)
    {
        foreach (var (nodeId, entry) in _entries)
        {
            if (!present.Contains(nodeId) && now - entry.Report.At > KeptAfterLeaving)
            {
                _entries.Remove(nodeId);
            }
        }
    }

    public ClusterMetrics Summarize(DateTimeOffset now)
    {
        var reports = _entries.Values.Select(entry => entry.Report).OrderBy(report => report.NodeId, StringComparer.Ordinal).ToArray();
        SystemMetrics[] all = [.. reports.Select(report => report.Metrics)];
        var total = all.Sum(metrics => (double)(metrics.Memory?.TotalBytes ?? 0));
        var used = all.Sum(metrics => (double)(metrics.Memory?.UsedBytes ?? 0));
        return new ClusterMetrics(
            now,
            all.Length,
            Rounded(all.Average(metrics => metrics.CpuPercent)),
            all.Max(metrics => metrics.CpuPercent),
            Bytes(total),
            Bytes(used),
            total > 0 ? Rounded(Math.Min(100, 100 * used / total)) : null,
            all.Max(metrics => metrics.Memory?.Percent),
            Bytes(all.Sum(metrics => (double)metrics.Process.WorkingSetBytes)),
            Bytes(all.Sum(metrics => (double)metrics.Process.GcHeapBytes)),
            all.Max(metrics => (long?)metrics.Process.ThreadPoolQueueLength),
            [.. reports.Select(report => new NodeMetrics(report.NodeId, Math.Max(0, Math.Round((now - report.At).TotalSeconds, 1)), report.Metrics, report.Services))]);
    }

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 2) : null;

    // Added up as double: a thousand counters that are each within range could overflow together.
    private static long Bytes(double sum) => sum >= long.MaxValue ? long.MaxValue : (long)sum;

    private sealed record Entry(NodeReport Report, int Interval);
}
