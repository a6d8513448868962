using Orrery.Grains.MetricsDashboard;
using Orrery.Rpc;

namespace Orrery.Grains.MetricsReporter;

/// <summary>Reports what its node measures to the coordinator, and keeps what could not be delivered.</summary>
[Service("metrics_reporter", Roles = ["worker"], AutoStart = true, Description = "Reports what the node measures to the metrics dashboard.")]
public interface IMetricsReporter : IService
{
    /// <summary>Tells how reporting goes.</summary>
    [ServiceMethod(Public = true, Description = "How reporting goes: sent, failed, kept, lost, and when the next report is.")]
    Task<ReporterStats> GetStats();

    /// <summary>Fixes the time between reports.</summary>
    /// <param name="seconds">30 to 300; null, the default, leaves it to the coordinator again.</param>
    /// <exception cref="RpcException">The number is outside of that.</exception>
    [ServiceMethod(Public = true, Permission = "metrics_reporter/set_interval", Description = "Fixes the time between reports, 30 to 300 seconds; without a number the coordinator chooses it again.")]
    Task<ReporterStats> SetInterval(int? seconds = null);

    /// <summary>Reports at once, also while the coordinator is taken to be away. The next report is an interval later.</summary>
    /// <returns>The coordinator's answer.</returns>
    /// <exception cref="RpcException">The report was not taken. It is kept like any other, unless the coordinator refused it.</exception>
    [ServiceMethod(Public = true, Permission = "metrics_reporter/report_now", Description = "Reports at once and gives the coordinator's answer.")]
    Task<ReportReceipt> ReportNow();
}
