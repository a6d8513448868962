using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.SystemService;

namespace Orrery.Grains.Tests.MetricsReporter;

/// <summary>A dashboard that only writes down what it is told.</summary>
internal sealed class DashboardGrain(ReceivedReports received) : Grain, IMetricsDashboard
{
    public Task<ReportReceipt> ReportMetrics(string workerId, SystemMetrics metrics, IReadOnlyList<ReportedService> services)
    {
        received.Add(new ReceivedReport(workerId, metrics, services));
        return Task.FromResult(new ReportReceipt("accepted", 45));
    }
}
