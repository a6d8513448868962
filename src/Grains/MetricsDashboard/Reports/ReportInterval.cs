using Orrery.Grains.SystemService;

namespace Orrery.Grains.MetricsDashboard.Reports;

/// <summary>
/// When the next report of a node is wanted: soon while its values move, late while they stand still, and never so soon
/// that all nodes together report more than the coordinator should take.
/// </summary>
internal static class ReportInterval
{
    /// <summary>The shortest, in seconds.</summary>
    public const int Shortest = 30;

    /// <summary>The longest, in seconds.</summary>
    public const int Longest = 300;

    private const int MostReportsPerSecond = 50;

    // In percentage points of the processors or the memory, whichever moved more.
    private const double Still = 1;
    private const double Moving = 10;

    /// <summary>Gives the seconds.</summary>
    /// <param name="previous">The node's report before, or null at its first.</param>
    /// <param name="current">Its report.</param>
    /// <param name="nodes">How many nodes report.</param>
    public static int After(SystemMetrics? previous, SystemMetrics current, int nodes)
    {
        var byLoad = (nodes + MostReportsPerSecond - 1) / MostReportsPerSecond;
        return Math.Clamp(byLoad, previous is null ? Shortest : ByChange(previous, current), Longest);
    }

    private static int ByChange(SystemMetrics previous, SystemMetrics current)
    {
        var moved = Math.Max(Change(previous.CpuPercent, current.CpuPercent), Change(previous.Memory?.Percent, current.Memory?.Percent));
        var part = Math.Clamp((moved - Still) / (Moving - Still), 0, 1);
        return (int)Math.Round(Longest - (part * (Longest - Shortest)));
    }

    private static double Change(double? before, double? after) => before is { } from && after is { } to ? Math.Abs(to - from) : 0;
}
