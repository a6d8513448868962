using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Security;

namespace Orrery.Cluster.Tests.InProcess;

/// <summary>Calls of one batch, which go to a service on a node in one message.</summary>
public sealed class BatchTests(BatchTests.BatchCluster cluster) : IClassFixture<BatchTests.BatchCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("worker-1")]
    [InlineData("coordinator-1")]
    public async Task Calls_to_one_service_on_a_node_are_one_message_with_an_outcome_for_each(string node)
    {
        cluster.Messages.Clear();

        var outcomes = await cluster.CallAsync(
            ($"batched/{node}/where", ""),
            ($"batched/{node}/add", "[1,2]"),
            ($"batched/{node}/add", """{"one":3,"other":4}"""),
            ($"batched/{node}/add", "[1]"),
            ($"batched/{node}/refuse", """["no"]"""),
            ($"batched/{node}/unknown", ""),
            ($"batched/{node}/break", ""),
            ($"batched/{node}/add", "[5,6]"));

        Assert.Equal([$"\"{node}\"", "3", "7", "-32602 no", "1234 yes", "-32601 no", "-32603 yes", "11"], outcomes.Select(Text));
        Assert.Equal(1, cluster.Messages.Sent("InvokeMany"));
        Assert.Equal(0, cluster.Messages.Sent("Invoke"));
    }

    [Fact]
    public async Task A_call_that_is_alone_is_a_message_of_its_own()
    {
        cluster.Messages.Clear();

        var outcomes = await cluster.CallAsync(("batched/worker-1/where", ""), ("batched/coordinator-1/where", ""), ("calculator/worker-1/sum", "[1,2]"));

        Assert.Equal(["\"worker-1\"", "\"coordinator-1\"", "3"], outcomes.Select(Text));
        Assert.Equal((0, 3), (cluster.Messages.Sent("InvokeMany"), cluster.Messages.Sent("Invoke")));
    }

    [Fact]
    public async Task A_call_that_hangs_costs_the_others_of_its_batch_no_answer()
    {
        CallOutcome[] outcomes;
        using (CallScope.Begin(TimeSpan.FromSeconds(2), cancellationToken: Token))
        {
            outcomes = await cluster.CallAsync(("batched/worker-1/where", ""), ("batched/worker-1/hang", """["here"]"""), ("batched/worker-1/add", "[1,2]"));
        }

        Assert.Equal(["\"worker-1\"", "-32003 maybe", "3"], outcomes.Select(Text));
        cluster.Ports.Signals.Set("here may end");
    }

    [Fact]
    public async Task A_batch_that_keeps_a_service_busy_lets_other_calls_come_between()
    {
        var batch = cluster.CallAsync([.. Enumerable.Repeat(("batched/worker-1/toil", ""), 50)]);
        await cluster.Ports.Signals.Seen("toil");
        var between = await cluster.Proxy.Call<int>("batched/worker-1/toiled", cancellationToken: Token);
        var outcomes = await batch;

        Assert.InRange(between, 1, 49);
        Assert.All(outcomes, outcome => Assert.Null(outcome.Error));
    }

    [Fact]
    public async Task A_call_of_a_batch_that_finds_no_room_is_made_on_another_node()
    {
        var outcomes = await cluster.CallAsync([.. Enumerable.Repeat(("crowded/worker/crowd", ""), 8)]);

        // Four on each of two nodes, however the first choice was.
        Assert.All(outcomes, outcome => Assert.Null(outcome.Error));
    }

    [Fact]
    public async Task A_call_of_a_batch_that_finds_no_room_is_told_so_while_the_others_run()
    {
        var calls = cluster.Begin([.. Enumerable.Repeat(("crowded/worker-1/hold", ""), 5)]);

        Assert.Equal("-32006 no", Text(await await Task.WhenAny(calls)));
        cluster.Ports.Signals.Set("held may end");
        Assert.Equal(["-32006 no", "null", "null", "null", "null"], (await Task.WhenAll(calls)).Select(Text).Order());
    }

    [Fact]
    public async Task The_service_sees_for_whom_each_call_of_a_batch_is_and_how_long_it_may_take()
    {
        var outcomes = await cluster.CallAsync(("batched/worker-1/for_whom", ""), ("batched/worker-1/for_whom", ""));

        Assert.Equal(["\"somebody true\"", "\"somebody true\""], outcomes.Select(Text));
    }

    [Fact]
    public async Task A_call_of_a_batch_is_refused_where_it_would_run_as_a_single_one_is()
    {
        await cluster.Proxy.Call("orchestrator/worker-1/control_service", new { service_name = "batched", action = "stop" }, Token);

        var outcomes = await cluster.CallAsync(("batched/worker-1/where", ""), ("batched/worker-1/where", ""));
        await cluster.SeesAsync("batched", "worker-1", ServiceStatus.Stopped);
        var elsewhere = await cluster.CallAsync(("batched/worker/where", ""), ("batched/worker/where", ""));

        Assert.Equal(["-32007 no", "-32007 no"], outcomes.Select(Text));
        Assert.Equal(["\"worker-2\"", "\"worker-2\""], elsewhere.Select(Text));
        await cluster.Proxy.Call("orchestrator/worker-1/control_service", new { service_name = "batched", action = "start" }, Token);
        await cluster.SeesAsync("batched", "worker-1", ServiceStatus.Running);
    }

    private static string Text(CallOutcome outcome) =>
        outcome.Error is { } error ? $"{error.Code} {JsonNamingPolicy.SnakeCaseLower.ConvertName(error.Executed.ToString())}" : outcome.Result.ToString();

    public sealed class BatchCluster : IAsyncLifetime
    {
        private readonly List<TestNode> _nodes = [];

        public ClusterPorts Ports { get; } = new() { Settings = { ["Orrery:Calls:MaxWaitingPerService"] = "0" } };

        /// <summary>What the coordinator sends.</summary>
        public MessageCount Messages { get; } = new();

        public Proxy Proxy => _nodes[0].Proxy;

        public async ValueTask InitializeAsync()
        {
            _nodes.Add(await TestNode.StartAsync(Ports, "coordinator-1", "coordinator", isSeed: true, node =>
            {
                TestNode.AddServices(node);
                node.Silo.AddOutgoingGrainCallFilter(Messages);
            }));
            _nodes.Add(await TestNode.StartAsync(Ports, "worker-1", "worker"));
            _nodes.Add(await TestNode.StartAsync(Ports, "worker-2", "worker"));
            foreach (var node in _nodes)
            {
                await node.SeesAsync("coordinator-1", "worker-1", "worker-2");
            }
        }

        /// <summary>Waits until the coordinator sees a service as it is on a node.</summary>
        public Task SeesAsync(string service, string nodeId, ServiceStatus status) => _nodes[0].SeesServiceAsync(service, nodeId, status);

        /// <summary>Makes the calls of a batch as the gateway does.</summary>
        public Task<CallOutcome[]> CallAsync(params (string Address, string Parameters)[] calls) => Task.WhenAll(Begin(calls));

        public Task<CallOutcome>[] Begin(params (string Address, string Parameters)[] calls)
        {
            var invoker = _nodes[0].Services.GetRequiredService<CallInvoker>();
            var caller = new Caller("somebody", "*");
            var group = invoker.BeginGroup(caller);
            var outcomes = calls
                .Select(call => invoker.InvokeAsync(call.Address, new RawJson(Encoding.UTF8.GetBytes(call.Parameters)), caller, fromOutside: true, default, Token, group).AsTask())
                .ToArray();
            group.Send();
            return outcomes;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var node in Enumerable.Reverse(_nodes))
            {
                await node.DisposeAsync();
            }
        }
    }

    public sealed class MessageCount : IOutgoingGrainCallFilter
    {
        private readonly ConcurrentQueue<string> _sent = [];

        public int Sent(string method) => _sent.Count(sent => sent == method);

        public void Clear() => _sent.Clear();

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            _sent.Enqueue(context.MethodName);
            return context.Invoke();
        }
    }
}
