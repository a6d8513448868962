using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orrery.Cluster.Tests.Durable;
using Orrery.Cluster.Tests.InProcess;
using Orrery.Cluster.Tests.Processes;
using Orrery.Rpc;
using Orrery.Rpc.Health;
using Orrery.Rpc.Hosting;

namespace Orrery.Cluster.Tests.Operations;

public sealed class HealthTests : IDisposable
{
    private readonly HttpClient _http = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Every_kind_of_node_tells_how_it_is_at_an_address_of_its_own()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1");
        await gateway.AnswersAsync();
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1");

        foreach (var node in new[] { gateway, worker })
        {
            var address = await node.IsManagedAtAsync();
            Assert.Equal("healthy", (await AskAsync(address, "startup", HttpStatusCode.OK)).GetProperty("start").GetProperty("status").GetString());
            Assert.Contains("went through", (await AskAsync(address, "live", HttpStatusCode.OK)).GetProperty("pulse").GetProperty("description").GetString(), StringComparison.Ordinal);
            var ready = await AskAsync(address, "ready", HttpStatusCode.OK);
            Assert.Equal(["call", "cluster", "disk", "thread_pool"], ready.EnumerateObject().Select(check => check.Name).Order(StringComparer.Ordinal));
            Assert.All(ready.EnumerateObject(), check => Assert.Equal("healthy", check.Value.GetProperty("status").GetString()));
        }
    }

    [Fact]
    public async Task A_node_that_still_starts_is_alive_and_neither_started_nor_ready()
    {
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        await using var cluster = new ProcessCluster($"Host=127.0.0.1;Port={LoopbackPort.Free()};Username=nobody;Database=nowhere");
        var node = cluster.LaunchNode("--Orrery:ManagementUrl", $"{address}");
        await node.SeesAsync(new("waits for (the database)"));

        var startup = await AskAsync(address, "startup", HttpStatusCode.ServiceUnavailable);
        Assert.Contains("is starting", startup.GetProperty("start").GetProperty("description").GetString(), StringComparison.Ordinal);
        await AskAsync(address, "ready", HttpStatusCode.ServiceUnavailable);
        await AskAsync(address, "live", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Two_nodes_on_one_machine_have_two_addresses()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway();
        await gateway.AnswersAsync();

        Assert.NotEqual(await gateway.IsManagedAtAsync(), await (await cluster.StartNodeAsync()).IsManagedAtAsync());
    }

    [Fact]
    public async Task An_address_in_use_stops_the_start_with_what_to_do()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway();
        await gateway.AnswersAsync();
        var second = cluster.LaunchNode("--Orrery:ManagementUrl", $"{await gateway.IsManagedAtAsync()}");

        Assert.Equal(78, await second.ExitsAsync());
        Assert.Contains("address already in use", second.Output, StringComparison.Ordinal);
        Assert.Contains("--Orrery:ManagementUrl", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_silence_makes_a_node_that_is_alive_hang()
    {
        var ports = new ClusterPorts();
        await using var node = await TestNode.StartAsync(ports, "gateway-1", "coordinator", isSeed: true);
        var time = new FakeTimeProvider();
        using var pulse = ActivatorUtilities.CreateInstance<Pulse>(node.Services, time);

        Assert.Equal(HealthStatus.Healthy, await StatusAsync(pulse));
        time.Advance(Pulse.Longest + TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(pulse));
        await pulse.StartAsync(Cancelled);
        await BeatsAsync(pulse, time);
        await pulse.StopAsync(Cancelled);
        time.Advance(Pulse.Longest - TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(pulse));
    }

    [Fact]
    public async Task A_busy_node_passes_its_probes_and_one_that_hangs_does_not_answer_them()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1");
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--services", Repository.Output("bench/ChaosServices"));
        var probe = new Uri(await worker.IsManagedAtAsync(), "/health/live");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        await using (var load = new CallLoad(client, "work/worker-1/lasted", "work/worker-1/run"))
        {
            for (var i = 0; i < 50; i++)
            {
                using var busy = await _http.GetAsync(probe, Cancelled);
                Assert.Equal(HttpStatusCode.OK, busy.StatusCode);
            }

            Assert.Empty(await load.StopAsync());
        }

        worker.Freeze();
        using var impatient = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        await Assert.ThrowsAsync<TaskCanceledException>(() => impatient.GetAsync(probe, Cancelled));
        worker.Thaw();
        using var again = await _http.GetAsync(probe, Cancelled);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static async Task<HealthStatus> StatusAsync(Pulse pulse) => (await pulse.CheckHealthAsync(new HealthCheckContext(), Cancelled)).Status;

    private static async Task BeatsAsync(Pulse pulse, FakeTimeProvider time)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await StatusAsync(pulse) is not HealthStatus.Healthy)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await tick.WaitForNextTickAsync(Cancelled);
        }
    }

    private async Task<JsonElement> AskAsync(Uri address, string question, HttpStatusCode expected)
    {
        using var answer = await _http.GetAsync(new Uri(address, $"/health/{question}"), Cancelled);
        Assert.True(answer.StatusCode == expected, $"{question}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("checks");
    }
}
