using System.Net;
using System.Text.RegularExpressions;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

[Collection(nameof(Failures))]
public sealed partial class DrainTests(SharedPostgres postgres)
{
    private const int Sigterm = 128 + 15;
    private static readonly TimeSpan LongerThanOneSignal = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_gateway_that_is_told_to_stop_under_load_breaks_no_request(string version)
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var first = cluster.LaunchGateway("--node-id", "gateway-1", "--role", "gateway");
        var one = new RpcClient(await first.AnswersAsync());
        var other = await cluster.StartGatewayAsync("--node-id", "gateway-2", "--role", "gateway");
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await Task.WhenAll(new[] { one, other }.Select(client => client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("gateway-2", "alive"))));
        await using var load = new GatewayLoad(Version.Parse(version), 40, "greeter/worker/greet", one.Address, other.Address);
        await load.GoesOnAsync(500);

        first.Terminate();

        Assert.Equal(0, await first.ExitsAsync());
        await load.GoesOnAsync(500);
        var failures = await load.StopAsync();
        Assert.True(failures.Count == 0, $"{failures.Count} of {load.Answered} calls failed:\n{string.Join('\n', failures.Take(5))}");
    }

    [Fact]
    public async Task A_gateway_that_is_told_to_stop_is_not_ready_at_once_and_answers_on()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1", "--Orrery:StopAcceptingAfter", "00:00:14");
        var client = new RpcClient(await gateway.AnswersAsync());
        var managed = await gateway.IsManagedAtAsync();
        using var http = new HttpClient();
        await client.HealthWhenAsync("healthy");

        gateway.Terminate();
        await gateway.SeesAsync(WasToldToStop());

        using var ready = await http.GetAsync(new Uri(client.Address, "/health"), TestContext.Current.CancellationToken);
        using var live = await http.GetAsync(new Uri(client.Address, "/health/live"), TestContext.Current.CancellationToken);
        using var managedReady = await http.GetAsync(new Uri(managed, "/health/ready"), TestContext.Current.CancellationToken);
        using var managedLive = await http.GetAsync(new Uri(managed, "/health/live"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, live.StatusCode));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (managedReady.StatusCode, managedLive.StatusCode));
        Assert.True(ready.Headers.ConnectionClose);
        Assert.Equal("draining", (await client.ResultAsync("registry/list_nodes")).EnumerateArray().Single().GetProperty("status").GetString());
        Assert.Equal("gateway-1", (await client.ResultAsync("system/coordinator/get_system_info")).GetProperty("node_id").GetString());
        await Failures.LastAsync(LongerThanOneSignal);
        gateway.Terminate();
        Assert.Equal(Sigterm, await gateway.ExitsAsync());
    }

    [Fact]
    public async Task A_node_that_drains_answers_the_call_that_it_is_in()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster(database);
        var (client, draining) = await StartAsync(cluster);
        await using var held = await HeldState.TakeAsync(database);
        var call = client.ResultAsync("counter/worker-1/add");
        await held.IsWantedAsync();

        var told = await client.ResultAsync("orchestrator/worker-1/drain");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "draining"));
        var elsewhere = await client.ResultAsync("greeter/worker/greet");
        await held.ReleaseAsync();

        Assert.Equal(1, (await call).GetInt32());
        Assert.Equal(0, await draining.ExitsAsync());
        Assert.True(told.GetProperty("changed").GetBoolean());
        Assert.Contains("worker-2", elsewhere.GetString(), StringComparison.Ordinal);
        Assert.Contains("worker-1 was told to drain by a caller through gateway-1: done", draining.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("cuts off", draining.Output, StringComparison.Ordinal);
        await client.NodesWhenAsync(nodes => nodes.Find("worker-1") is null);
    }

    [Fact]
    public async Task A_node_whose_calls_do_not_end_says_so_and_ends_all_the_same()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster(database);
        var (client, draining) = await StartAsync(cluster, secondsToStop: 3);
        await using var held = await HeldState.TakeAsync(database);
        var call = client.ErrorAsync("counter/worker-1/add");
        await held.IsWantedAsync();

        draining.Terminate();

        Assert.Equal(0, await draining.ExitsAsync());
        TestContext.Current.TestOutputHelper!.WriteLine(draining.Output);
        Assert.Contains("cuts off the calls that 1 of its services are in: counter", draining.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", draining.Output, StringComparison.Ordinal);
        Assert.Equal("maybe", (await call).GetProperty("data").GetProperty("executed").GetString());
    }

    [Fact]
    public async Task A_gateway_whose_requests_do_not_end_says_so_and_leaves_the_cluster_all_the_same()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster(database);
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        cluster.Environment["DOTNET_shutdownTimeoutSeconds"] = "4";
        var draining = cluster.LaunchGateway("--node-id", "gateway-2", "--role", "gateway");
        var other = new RpcClient(await draining.AnswersAsync());
        await other.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        await other.ResultAsync("counter/worker-1/get");
        await using var held = await HeldState.TakeAsync(database);
        var call = other.AnswerAsync("counter/worker-1/add");
        await held.IsWantedAsync();

        draining.Terminate();

        Assert.Equal(0, await draining.ExitsAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        TestContext.Current.TestOutputHelper!.WriteLine(draining.Output);
        Assert.Contains("gateway-2 has no more time to stop, and cuts off the requests on 1 connections", draining.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("of its services", draining.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", draining.Output, StringComparison.Ordinal);
        await client.NodesWhenAsync(nodes => nodes.Find("gateway-2") is null);
    }

    [Fact]
    public async Task A_second_signal_ends_a_node_that_drains_at_once()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var cluster = new ProcessCluster(database);
        var (client, draining) = await StartAsync(cluster);
        await using var held = await HeldState.TakeAsync(database);
        var call = client.ErrorAsync("counter/worker-1/add");
        await held.IsWantedAsync();

        draining.Terminate();
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "draining"));
        await Failures.LastAsync(LongerThanOneSignal);
        // Not SIGINT: a shell that starts its tests in the background has them ignore that.
        draining.Terminate();

        Assert.Equal(Sigterm, await draining.ExitsAsync());
        Assert.Contains("Told to stop again (SIGTERM): ends at once.", draining.Output, StringComparison.Ordinal);
        Assert.Equal("maybe", (await call).GetProperty("data").GetProperty("executed").GetString());
    }

    [Fact]
    public async Task A_node_that_still_starts_ends_when_it_is_told_to_stop()
    {
        await using var cluster = new ProcessCluster();
        var node = cluster.LaunchNode("--node-id", "worker-1");
        await node.SeesAsync(WaitsForTheSeed());

        node.Terminate();

        Assert.Equal(0, await node.ExitsAsync());
    }

    [Fact]
    public async Task Draining_is_begun_once_and_by_name()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1", "--Orrery:StopAcceptingAfter", "00:00:03");
        var client = new RpcClient(await gateway.AnswersAsync());

        var first = await client.ResultAsync("orchestrator/drain");
        var second = await client.ResultAsync("orchestrator/drain");

        Assert.True(first.GetProperty("changed").GetBoolean());
        Assert.False(second.GetProperty("changed").GetBoolean());
        Assert.Contains("already", second.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await gateway.ExitsAsync());
    }

    private static async Task<(RpcClient Client, NodeProcess Draining)> StartAsync(ProcessCluster cluster, int secondsToStop = 30)
    {
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        cluster.Environment["DOTNET_shutdownTimeoutSeconds"] = $"{secondsToStop}";
        var draining = await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await cluster.StartNodeAsync("--node-id", "worker-2", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("worker-2", "alive"));
        await client.ResultAsync("counter/worker-1/get");
        return (client, draining);
    }

    [GeneratedRegex("(gateway-1) was told to stop")]
    private static partial Regex WasToldToStop();

    [GeneratedRegex("(worker-1) waits for the seed node")]
    private static partial Regex WaitsForTheSeed();
}
