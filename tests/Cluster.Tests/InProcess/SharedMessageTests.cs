using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Security;

namespace Orrery.Cluster.Tests.InProcess;

/// <summary>Calls of several callers that come to a node in one message, and what becomes of each.</summary>
public sealed class SharedMessageTests(SharedMessageTests.SharingCluster cluster) : IClassFixture<SharedMessageTests.SharingCluster>
{
    private static readonly Caller Somebody = new("somebody", "*");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_that_end_at_once_are_answered_in_one_message_each_with_its_outcome()
    {
        var answer = await cluster.SendUntilAsync(answer => answer.Rest == 0, ("where", ""), ("add", "[1,2]"), ("add", "[1]"), ("refuse", """["no"]"""), ("unknown", ""), ("break", ""), ("add", "[5,6]"));

        Assert.Equal(["\"worker-1\"", "3", "-32602 no", "1234 yes", "-32601 no", "-32603 yes", "11"], Enumerable.Range(0, 7).Select(i => Text(answer[i])));
    }

    [Fact]
    public async Task Those_that_go_on_are_answered_one_by_one()
    {
        var answer = await cluster.SendUntilAsync(answer => answer.Has(1), ("hang", """["first"]"""), ("add", "[1,2]"), ("hang", """["second"]"""), ("for_whom", ""));

        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(answer.Has));
        Assert.Equal("3", Text(answer[1]));
        Assert.Equal("\"somebody true\"", Text((await cluster.Endpoint.InvokeRest(answer.Rest + 3))[0]));
        var first = cluster.Endpoint.InvokeRest(answer.Rest).AsTask();
        var second = cluster.Endpoint.InvokeRest(answer.Rest + 2).AsTask();
        cluster.Ports.Signals.Set("second may end");
        Assert.Equal("null", Text((await second)[0]));
        Assert.False(first.IsCompleted);
        cluster.Ports.Signals.Set("first may end");
        Assert.Equal("null", Text((await first)[0]));
    }

    [Fact]
    public async Task An_answer_is_given_once()
    {
        var answer = await cluster.SendAsync(("for_whom", ""), ("where", ""));
        await cluster.Endpoint.InvokeRest(answer.Rest);

        var again = await Assert.ThrowsAsync<RpcException>(async () => await cluster.Endpoint.InvokeRest(answer.Rest));

        Assert.Equal(RpcErrorReason.DeadlineExceeded, again.Error.Reason);
    }

    [Fact]
    public async Task An_answer_can_be_asked_for_when_the_service_was_started_again_meanwhile()
    {
        var answer = await cluster.SendUntilAsync(answer => answer.Has(1), ("hang", """["restart"]"""), ("add", "[1,2]"));

        await cluster.Proxy.Call("orchestrator/worker-1/control_service", new { service_name = "batched", action = "restart" }, Token);
        cluster.Ports.Signals.Set("restart may end");

        Assert.Equal("null", Text((await cluster.Endpoint.InvokeRest(answer.Rest))[0]));
    }

    [Fact]
    public async Task Calls_that_keep_the_service_busy_hold_up_neither_the_answers_of_those_before_nor_other_calls()
    {
        var answer = await cluster.SendAsync([("where", ""), .. Enumerable.Repeat(("toil", ""), 20)]);

        Assert.True(answer.Has(0));
        Assert.False(answer.Has(20));
        for (var i = 1; i <= 20; i++)
        {
            Assert.Equal("null", Text(answer.Has(i) ? answer[i] : (await cluster.Endpoint.InvokeRest(answer.Rest + i))[0]));
        }
    }

    [Fact]
    public async Task Results_that_are_large_together_go_one_by_one()
    {
        var text = new string('x', 100_000);
        var answer = await cluster.SendUntilAsync(answer => answer.Has(4), [.. Enumerable.Repeat(("repeat", $"[\"{text}\"]"), 4), ("add", "[1,2]")]);

        Assert.Equal([true, true, false, false, true], Enumerable.Range(0, 5).Select(answer.Has));
        Assert.Equal($"\"{text}\"", Text((await cluster.Endpoint.InvokeRest(answer.Rest + 3))[0]));
    }

    [Fact]
    public async Task Under_load_every_call_has_the_outcome_that_it_has_alone()
    {
        var ends = Enumerable.Range(0, 200).Select(i => cluster.CallAsync($"batched/worker-1/hang", $"[\"load {i}\"]")).ToArray();
        var sums = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => cluster.CallAsync("batched/worker-1/add", $"[{i},1]")));
        var more = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => cluster.CallAsync("batched/worker/add", i % 2 == 0 ? $"[{i},1]" : "[1]")));

        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => $"{i + 1}"), sums.Select(Text));
        Assert.Equal(Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? $"{i + 1}" : "-32602 no"), more.Select(Text));
        Assert.DoesNotContain(ends, end => end.IsCompleted);
        for (var i = 0; i < ends.Length; i++)
        {
            cluster.Ports.Signals.Set($"load {i} may end");
        }

        Assert.All(await Task.WhenAll(ends), outcome => Assert.Equal("null", Text(outcome)));
    }

    private static string Text(CallOutcome outcome) =>
        outcome.Error is { } error ? $"{error.Code} {JsonNamingPolicy.SnakeCaseLower.ConvertName(error.Executed.ToString())}" : outcome.Result.ToString();

    public sealed class SharingCluster : IAsyncLifetime
    {
        private readonly List<TestNode> _nodes = [];

        public ClusterPorts Ports { get; } = new();

        public Proxy Proxy => _nodes[0].Proxy;

        /// <summary>The door of a service on the worker, as the coordinator sees it.</summary>
        internal IServiceEndpoint Endpoint => _nodes[0].Services.GetRequiredService<IGrainFactory>().GetGrain<IServiceEndpoint>(GrainId.Create(ServiceContract.GrainTypeOf("batched"), IdSpan.Create("worker-1")));

        public async ValueTask InitializeAsync()
        {
            _nodes.Add(await TestNode.StartAsync(Ports, "coordinator-1", "coordinator", isSeed: true));
            _nodes.Add(await TestNode.StartAsync(Ports, "worker-1", "worker"));
            foreach (var node in _nodes)
            {
                await node.SeesAsync("coordinator-1", "worker-1");
            }
        }

        /// <summary>Sends calls in one message.</summary>
        internal ValueTask<ParcelOutcome> SendAsync(params (string Method, string Parameters)[] calls) => Endpoint.InvokeShared(
            Array.ConvertAll(calls, call => call.Method),
            new RawJsonList(Array.ConvertAll(calls, call => new RawJson(Encoding.UTF8.GetBytes(call.Parameters)))),
            Somebody);

        /// <summary>The same until the answer is as expected: on a busy machine a turn of the service may be over sooner.</summary>
        internal async Task<ParcelOutcome> SendUntilAsync(Func<ParcelOutcome, bool> isExpected, params (string Method, string Parameters)[] calls)
        {
            for (var tries = 1; ; tries++)
            {
                var answer = await SendAsync(calls);
                if (isExpected(answer))
                {
                    return answer;
                }

                Assert.InRange(tries, 1, 1_000);
            }
        }

        /// <summary>Makes a call as the gateway does.</summary>
        public Task<CallOutcome> CallAsync(string address, string parameters) =>
            _nodes[0].Services.GetRequiredService<CallInvoker>().InvokeAsync(address, new RawJson(Encoding.UTF8.GetBytes(parameters)), Somebody, default, Token).AsTask();

        public async ValueTask DisposeAsync()
        {
            foreach (var node in Enumerable.Reverse(_nodes))
            {
                await node.DisposeAsync();
            }
        }
    }
}
