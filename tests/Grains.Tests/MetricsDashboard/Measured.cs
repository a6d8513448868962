using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Grains.SystemService;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Grains.Tests.MetricsDashboard;

/// <summary>Reports as nodes make them.</summary>
internal static class Measured
{
    /// <summary>A time on a border of five minutes and of hours.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public static NodeReport Report(string nodeId, DateTimeOffset at, double? cpu = 50, long counter = 1000) => new(Metrics(nodeId, at, cpu, counter), Services());

    public static SystemMetrics Metrics(string nodeId, DateTimeOffset at, double? cpu = 50, long counter = 1000, double memory = 25) => new(
        nodeId,
        at,
        cpu,
        new MemoryMetrics(1_000_000, (long)(memory * 10_000), 1_000_000 - (long)(memory * 10_000), memory),
        [new DiskMetrics("/", "ext4", 1000, 400, 600, 40)],
        new DiskIoMetrics(counter, 2 * counter, 3, 4),
        new NetworkMetrics(3 * counter, 4 * counter, 5, 6, 7, 8),
        new LoadAverage(1.5, 1, 0.5),
        200,
        new ProcessMetrics(cpu / 2, 5000, 4000, 1.25, 0.5, 8, (long)(cpu ?? 0)));

    public static IReadOnlyList<ReportedService> Services() => [new("echo", ServiceStatus.Running, ServiceHealth.Healthy), new("gpu", ServiceStatus.Failed, ServiceHealth.Unhealthy, "No \"device\" – Gerät.")];
}
