using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.SystemService;

namespace Orrery.Grains.MetricsReporter;

/// <summary>What a node was like at one moment.</summary>
internal sealed record Report(SystemMetrics Metrics, IReadOnlyList<ReportedService> Services);
