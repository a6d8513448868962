using System.Collections.Concurrent;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.SystemService;

namespace Orrery.Grains.Tests.MetricsReporter;

/// <summary>What reached the dashboard of a test's cluster.</summary>
internal sealed class ReceivedReports : ConcurrentQueue<ReceivedReport>
{
    public void Add(ReceivedReport report) => Enqueue(report);
}

/// <summary>A report as it arrived.</summary>
internal sealed record ReceivedReport(string WorkerId, SystemMetrics Metrics, IReadOnlyList<ReportedService> Services);
