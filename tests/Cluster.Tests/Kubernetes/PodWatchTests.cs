using Orrery.Cluster.Tests.Durable;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Kubernetes;

[Collection(nameof(Failures))]
public sealed class PodWatchTests(SharedPostgres postgres)
{
    private const string Gone = "is not there any more";

    [Fact]
    public async Task A_node_whose_pod_is_gone_leaves_the_registry_though_nothing_else_tells()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1", "worker-2");

        cluster["worker-2"].Freeze();
        cluster.Api.Delete("worker-2");

        Assert.True((await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "dead"))).Has("worker-1", "alive"));
        await cluster.OneSaysAsync($"is gone: the pod worker-2 {Gone}", "gateway-1", "worker-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "dead"), "registry/worker-1/list_nodes");
        cluster["worker-2"].Thaw();
        Assert.Equal(70, await cluster["worker-2"].ExitsAsync());
    }

    [Fact]
    public async Task A_pod_that_has_failed_is_gone_too()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1");

        cluster["worker-1"].Freeze();
        cluster.Api.Fail("worker-1");

        await cluster.OneSaysAsync($"is gone: the pod worker-1 {Gone}", "gateway-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
    }

    [Fact]
    public async Task A_pod_that_is_told_to_end_is_let_end()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1", "worker-2");

        cluster.Api.Terminate("worker-1");
        await HasBeenSeenAsync(cluster);
        cluster["worker-1"].Terminate();
        Assert.Equal(0, await cluster["worker-1"].ExitsAsync());
        cluster.Api.Delete("worker-1");

        await HasBeenSeenAsync(cluster);
        Assert.True(cluster.NobodySays("is gone"));
        Assert.True((await client.NodesWhenAsync(nodes => nodes.Find("worker-1") is null)).Has("worker-2", "alive"));
    }

    [Fact]
    public async Task While_the_API_is_no_good_nodes_start_and_nobody_is_gone_and_then_it_is_found_who_was()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        cluster.Api.Have(Trouble.Away);
        var client = await StartAsync(cluster, "worker-1", "worker-2");
        await cluster.OneSaysAsync("Can't watch the pods by the Kubernetes API", "gateway-1");
        foreach (var trouble in Enum.GetValues<Trouble>().Except([Trouble.None, Trouble.Silence]))
        {
            cluster.Api.Have(Trouble.None);
            await WatchesAsync(cluster, "gateway-1");
            cluster.Api.Have(trouble);
            var before = cluster.Api.Calls.Length;
            await cluster.Api.CallsAsync(calls => calls.Skip(before).Count(call => call.Caller == "gateway-1") >= 3);
            Assert.True(cluster.NobodySays("is gone"), $"{trouble}");
        }

        cluster.Api.Delete("worker-1");
        cluster.Api.Have(Trouble.None);

        Assert.True((await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"))).Has("worker-2", "alive"));
        await cluster.OneSaysAsync($"is gone: the pod worker-1 {Gone}", "gateway-1", "worker-2");
        await cluster.OneSaysAsync("Watches the pods by the Kubernetes API", "gateway-1");
    }

    [Fact]
    public async Task What_a_watch_missed_is_found_after_it()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1", "worker-2");

        cluster.Api.Have(Trouble.Silence);
        cluster.Api.Delete("worker-1");
        cluster.Api.Have(Trouble.None);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));

        await WatchesAsync(cluster, "gateway-1", "worker-2");
        cluster.Api.Delete("worker-2");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "dead"));
    }

    [Fact]
    public async Task A_watch_from_a_version_that_is_forgotten_begins_anew()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1");
        await cluster.Api.CallsAsync(calls => calls.Any(call => call.Verb == "watch"));

        cluster.Api.ForgetHistory();
        var lists = cluster.Api.Calls.Count(call => call.Verb == "list");
        cluster.Api.EndWatches();
        await cluster.Api.CallsAsync(calls => calls.Count(call => call.Verb == "list") > lists);
        cluster.Api.Delete("worker-1");

        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "dead"));
    }

    [Fact]
    public async Task A_pod_that_came_back_under_its_name_is_not_the_one_that_was_deleted()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1", "worker-2");

        cluster["worker-2"].Freeze();
        cluster.Api.Delete("worker-2");
        cluster.Api.Create("worker-2", null, PodCluster.Label);
        await cluster.OneSaysAsync($"is gone: the pod worker-2 {Gone}", "gateway-1", "worker-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "dead"));
        cluster.Api.Run("worker-2", "127.0.0.20");
        await cluster.JoinAsync("worker-2", "127.0.0.20");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "alive"));
        cluster.Api.EndWatches();

        await HasBeenSeenAsync(cluster);
        Assert.Equal("127.0.0.20", (await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "alive"))).Find("worker-2")!.Value.GetProperty("address").GetString());
    }

    [Fact]
    public async Task A_pod_of_the_same_name_and_address_keeps_its_node()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1");

        cluster.Api.Have(Trouble.Silence);
        cluster.Api.Delete("worker-1");
        cluster.Api.Create("worker-1", "127.0.0.11", PodCluster.Label);
        cluster.Api.Have(Trouble.None);

        await HasBeenSeenAsync(cluster);
        Assert.True(cluster.NobodySays("is gone"));
        Assert.True((await client.NodesWhenAsync(_ => true)).Has("worker-1", "alive"));
    }

    [Fact]
    public async Task A_node_whose_pod_has_lost_its_label_stays()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster);
        cluster.Api.Create("worker-1", "127.0.0.11");
        await cluster.JoinAsync("worker-1", "127.0.0.11");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        cluster.Api.EndWatches();
        await cluster.Api.CallsAsync(calls => calls.Any(call => call.Verb == "get" && call.Path.EndsWith("/worker-1", StringComparison.Ordinal)));

        await HasBeenSeenAsync(cluster);
        Assert.True(cluster.NobodySays("is gone"));
    }

    [Fact]
    public async Task Three_nodes_watch_and_others_take_over_from_those_that_are_gone()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster);
        for (var number = 1; number <= 4; number++)
        {
            await cluster.StartWorkerAsync($"worker-{number}", $"127.0.0.{10 + number}");
        }

        await client.NodesWhenAsync(nodes => nodes.Has("worker-4", "alive"));
        await WatchesAsync(cluster, "gateway-1", "worker-1", "worker-2");

        Assert.DoesNotContain(cluster.Api.Calls, call => call.Caller is "worker-3" or "worker-4");

        cluster["worker-1"].Kill();
        await WatchesAsync(cluster, "gateway-1", "worker-2", "worker-3");
        cluster["worker-2"].Freeze();
        cluster.Api.Delete("worker-2");
        await WatchesAsync(cluster, "gateway-1", "worker-3", "worker-4");

        cluster["worker-3"].Freeze();
        cluster.Api.Delete("worker-3");
        await cluster.OneSaysAsync($"is gone: the pod worker-3 {Gone}", "gateway-1", "worker-4");
        Assert.True((await client.NodesWhenAsync(nodes => nodes.Has("worker-3", "dead"))).Has("worker-4", "alive"));
    }

    [Fact]
    public async Task A_node_lists_and_watches_pods_by_their_label_and_gets_those_that_it_misses_and_calls_nothing_else()
    {
        await using var cluster = await PodCluster.StartAsync(postgres);
        var client = await StartAsync(cluster, "worker-1", "worker-2");
        await WatchesAsync(cluster, "gateway-1", "worker-1", "worker-2");

        cluster.Api.Delete("worker-2");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-2", "dead"));

        const string Pods = $"/api/v1/namespaces/{KubernetesApi.Namespace}/pods";
        var calls = cluster.Api.Calls.Select(call => (call.Verb, call.Path, call.Selector)).Distinct().Order();
        Assert.Equal(
            [("get", $"{Pods}/worker-2", ""), ("list", Pods, "app.kubernetes.io/part-of=orrery"), ("watch", Pods, "app.kubernetes.io/part-of=orrery")],
            calls);
    }

    private static async Task<RpcClient> StartAsync(PodCluster cluster, params string[] workers)
    {
        var client = await cluster.StartGatewayAsync("gateway-1", "127.0.0.10");
        await Task.WhenAll(workers.Index().Select(worker => cluster.StartWorkerAsync(worker.Item, $"127.0.0.{11 + worker.Index}")));
        await client.NodesWhenAsync(nodes => workers.All(worker => nodes.Has(worker, "alive")));
        return client;
    }

    private static async Task WatchesAsync(PodCluster cluster, params string[] names)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (names.Except(cluster.Api.Watchers).Any())
        {
            Assert.False(patience.IsCancellationRequested, string.Join(", ", cluster.Api.Watchers));
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    // It watches after it has judged a list that has all of what was before.
    private static async Task HasBeenSeenAsync(PodCluster cluster)
    {
        var watches = cluster.Api.Calls.Count(IsWatch);
        cluster.Api.EndWatches();
        await cluster.Api.CallsAsync(calls => calls.Count(IsWatch) > watches);

        static bool IsWatch(ApiCall call) => call is { Caller: "gateway-1", Verb: "watch" };
    }
}
