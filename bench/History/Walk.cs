using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsDashboard.Reports;
using Orrery.Grains.SystemService;
using Orrery.Rpc.Lifecycle;

namespace Orrery.History;

/// <summary>A node whose values walk about: the same in every run.</summary>
internal sealed class Walk(int number)
{
    private const long Memory = 16L << 30;

    private static readonly IReadOnlyList<ReportedService> Services = [.. new[] { "calculator", "echo", "greeter", "registry", "system" }.Select(name => new ReportedService(name, ServiceStatus.Running, ServiceHealth.Healthy))];

    private readonly Random _random = new(number);
    private double _cpu = 30;
    private double _memory = 50;
    private long _bytes;

    public string NodeId { get; } = $"worker-{number:0000}";

    public NodeReport Next(DateTimeOffset at)
    {
        _cpu = Math.Clamp(_cpu + (20 * (_random.NextDouble() - 0.5)), 0, 100);
        _memory = Math.Clamp(_memory + _random.NextDouble() - 0.5, 0, 100);
        _bytes += _random.Next(100_000_000);
        var used = (long)(Memory * _memory / 100);
        return new NodeReport(
            new SystemMetrics(
                NodeId,
                at,
                Math.Round(_cpu, 2),
                new MemoryMetrics(Memory, used, Memory - used, Math.Round(_memory, 2)),
                [new DiskMetrics("/", "ext4", 500L << 30, 200L << 30, 300L << 30, 40), new DiskMetrics("/data", "xfs", 4L << 40, 1L << 40, 3L << 40, 25)],
                new DiskIoMetrics(_bytes / 2, _bytes / 3, _bytes / 8192, _bytes / 16384),
                new NetworkMetrics(_bytes, _bytes / 4, _bytes / 1000, _bytes / 4000, 0, 3),
                new LoadAverage(Math.Round(_cpu / 25, 2), 1.25, 1.5),
                250,
                new ProcessMetrics(Math.Round(_cpu / 3, 2), 300_000_000 + _random.Next(1_000_000), 100_000_000 + _random.Next(1_000_000), 12.5, 0.2, 16, _random.Next(10))),
            Services);
    }
}
