using System.Text.Json;
using Orrery.Grains.SystemService;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class SystemMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_answers_the_first_call_at_once_and_its_samples_move_on()
    {
        await using var node = await TestNode.StartAsync(new ClusterPorts(), "worker-1", "worker", isSeed: true);

        var first = (await node.Proxy.Call<SystemMetrics>("system/worker-1/get_system_metrics", cancellationToken: Token))!;
        var next = await NextAsync(node, first);
        var json = await node.Proxy.Call<JsonElement>("system/get_system_metrics", cancellationToken: Token);

        Assert.Equal("worker-1", first.NodeId);
        Assert.Null(first.CpuPercent);
        Assert.True(next.Timestamp > first.Timestamp);
        Assert.InRange(next.Process.CpuPercent!.Value, 0, 100);
        Assert.True(json.GetProperty("process").GetProperty("working_set_bytes").GetInt64() > 0);
        Assert.Equal(OperatingSystem.IsLinux() ? JsonValueKind.Number : JsonValueKind.Null, json.GetProperty("cpu_percent").ValueKind);
        Assert.Equal(OperatingSystem.IsLinux(), json.GetProperty("disks").GetArrayLength() > 0);
    }

    private static async Task<SystemMetrics> NextAsync(TestNode node, SystemMetrics first)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var look = 0; look < 300 && await timer.WaitForNextTickAsync(Token); look++)
        {
            if (await node.Proxy.Get<ISystem>().GetSystemMetrics() is var metrics && metrics.Timestamp != first.Timestamp)
            {
                return metrics;
            }
        }

        throw new TimeoutException("No other sample was taken.");
    }
}
