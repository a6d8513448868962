using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orrery.Cluster.Tests.Durable;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Checks;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Deploy.Tests.Pods;
using Orrery.Tests;

namespace Orrery.Deploy.Tests;

public sealed class UpdateTests(SharedPostgres postgres)
{
    // Where it leads to is decided for each connection. The gateways are on loopback here, where they answer to no other name.
    private static readonly Uri Gateway = new("http://localhost/rpc");

    // What Prometheus itself has, and what is there only when it has happened.
    private static readonly string[] Events = ["up", "orrery_calls_hedges_total", "orrery_calls_retries_total", "orrery_refusals_total"];

    [Fact]
    public async Task All_pods_are_replaced_as_Kubernetes_does_it_and_no_call_fails_or_runs_twice()
    {
        var set = ManifestSet.Of("dev+services");
        await using var cluster = await LocalCluster.StartAsync(set, postgres);
        var before = cluster.Names;
        await using var byRole = new GatewayLoad(cluster.Client(), HttpVersion.Version11, 20, "greeter/worker/greet", Gateway);
        await using var toAny = new GatewayLoad(cluster.Client(), HttpVersion.Version20, 10, "greeter/greet", Gateway);
        await using var toCoordinator = new GatewayLoad(cluster.Client(), HttpVersion.Version11, 2, "metrics_dashboard/coordinator/get_cluster_metrics", Gateway);
        await using var counting = new GatewayLoad(cluster.Client(), HttpVersion.Version20, 10, "counter/worker/add", Gateway);
        GatewayLoad[] loads = [byRole, toAny, toCoordinator, counting];
        await Task.WhenAll(loads.Select(load => load.GoesOnAsync(100)));

        await cluster.RollAsync();
        await Task.WhenAll(loads.Select(load => load.GoesOnAsync(100)));

        var failures = new List<string>();
        foreach (var load in loads)
        {
            failures.AddRange(await load.StopAsync());
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {loads.Sum(load => load.Answered)} calls failed:\n{string.Join('\n', failures.Take(5))}");
        Assert.Equal(before.Where(name => !name.StartsWith("gateway-", StringComparison.Ordinal)), cluster.Names.Intersect(before));
        var counts = await CallAsync(cluster, "counter/@all:worker/get");
        Assert.Equal(counting.Answered, counts.EnumerateArray().Sum(node => node.GetProperty("result").GetInt64()));
        OnlyAskedWhatTheyMay(set, cluster);
        var metrics = await cluster.ReadMetricsAsync();
        Assert.DoesNotContain(Metrics.Known.Except(Events), name => !metrics.Contains($"\n{name}{{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_whose_machine_is_lost_leaves_the_registry_when_its_pod_is_gone()
    {
        var set = ManifestSet.Of("dev+services");
        await using var cluster = await LocalCluster.StartAsync(set, postgres);

        cluster.Lose("worker-1");

        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await CallAsync(cluster, "registry/list_nodes")).EnumerateArray().Has("worker-1", "alive"))
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.True((await CallAsync(cluster, "registry/list_nodes")).EnumerateArray().Has("worker-0", "alive"));
        OnlyAskedWhatTheyMay(set, cluster);
    }

    private static async Task<JsonElement> CallAsync(LocalCluster cluster, string method)
    {
        using var http = new HttpClient(cluster.Client());
        using var response = await http.PostAsJsonAsync(Gateway, new { jsonrpc = "2.0", method, id = 1 }, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.True(answer.TryGetProperty("result", out var result), answer.GetRawText());
        return result;
    }

    private static void OnlyAskedWhatTheyMay(ManifestSet set, LocalCluster cluster)
    {
        var calls = cluster.Api.Calls;
        Assert.Contains(calls, call => call.Verb is "list");
        Assert.Contains(calls, call => call.Verb is "watch");
        Assert.All(calls, call =>
        {
            var account = set.Node(call.Caller.Split('-')[0]).Spec.ServiceAccountName;
            Assert.Contains($"{call.Verb} pods", Rights.Given(set, account));
        });
    }
}
