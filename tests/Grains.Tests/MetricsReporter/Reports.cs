using Orrery.Grains.MetricsReporter;
using Orrery.Grains.SystemService;

namespace Orrery.Grains.Tests.MetricsReporter;

/// <summary>Makes reports that are told apart by their time.</summary>
internal static class Reports
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Report At(DateTimeOffset timestamp) =>
        new(new SystemMetrics("worker-1", timestamp, null, null, [], null, null, null, null, new ProcessMetrics(null, 1, 1, 0, 0, 1, 0)), []);

    public static Report Number(int number) => At(Start.AddSeconds(number));

    public static int NumberOf(Report report) => (int)(report.Metrics.Timestamp - Start).TotalSeconds;
}
