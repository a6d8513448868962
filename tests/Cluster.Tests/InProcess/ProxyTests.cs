using HelloServices;
using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Dynamic;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class ProxyTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private static readonly Order Apples = new("apple", 4, null, ["ripe"], new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Proxy Proxy => cluster.Coordinator.Proxy;

    [Theory]
    [InlineData("coordinator-1", "coordinator-1")]
    [InlineData("worker-2", "worker-2")]
    [InlineData("coordinator", "coordinator-1")]
    [InlineData(null, "coordinator-1")]
    public async Task Typed_dynamic_and_by_address_reach_the_same_node(string? target, string expected)
    {
        var address = target is null ? "probe/where" : $"probe/{target}/where";
        dynamic proxy = Proxy.Dynamic;

        Assert.Equal(expected, await Proxy.Get<IProbe>(target).Where());
        Assert.Equal(expected, await Proxy.Call<string>(address, cancellationToken: Token));
        string answer = target is null ? await proxy.probe.where() : await proxy.probe[target].where();
        Assert.Equal(expected, answer);
    }

    [Fact]
    public async Task A_role_reference_picks_its_node_at_each_call()
    {
        var workers = Proxy.Get<IProbe>("worker");
        var seen = new HashSet<string>();
        while (seen.Count < 2)
        {
            seen.Add(await workers.Where());
        }

        Assert.Equal(["worker-1", "worker-2"], seen.Order());
    }

    [Fact]
    public async Task Calls_in_flight_on_a_node_send_others_to_the_other_node()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var workers = Proxy.Get<IProbe>("worker");

        // As many as it takes: a node that was quicker so far gets more of them.
        Task[] calls = [.. Enumerable.Range(0, 100).Select(_ => workers.Wait("balance", giveUp.Token))];

        await cluster.Ports.Signals.Seen("balance on worker-1");
        await cluster.Ports.Signals.Seen("balance on worker-2");
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(calls));
    }

    [Theory]
    [InlineData("coordinator-1")]
    [InlineData("worker-1")]
    public async Task A_record_without_attributes_travels_typed_dynamic_and_by_address_alike(string target)
    {
        var expected = Apples with { Total = 10m };
        dynamic proxy = Proxy.Dynamic;

        var typed = await Proxy.Get<IProbe>(target).Price(Apples);
        var byAddress = await Proxy.Call<Order>($"probe/{target}/price", new { order = Apples }, Token);
        Order dynamically = await proxy.probe[target].price(order: Apples);
        Order positionally = await proxy.probe[target].price(Apples, 2.5m);
        Order mixed = await proxy.probe[target].price(Apples, per_item: 2.5m);

        Assert.All([typed, byAddress!, dynamically, positionally, mixed], order => Assert.Equivalent(expected, order, strict: true));
    }

    [Theory]
    [InlineData("coordinator-1")]
    [InlineData("worker-1")]
    public async Task A_refusal_is_the_same_error_typed_dynamic_and_by_address(string target)
    {
        dynamic proxy = Proxy.Dynamic;
        var errors = new[]
        {
            await Assert.ThrowsAsync<RpcException>(() => Proxy.Get<IProbe>(target).Refuse("no")),
            await Assert.ThrowsAsync<RpcException>(() => Proxy.Call($"probe/{target}/refuse", new { message = "no" }, Token)),
            await Assert.ThrowsAsync<RpcException>(async () => await proxy.probe[target].refuse(message: "no")),
        };

        Assert.All(errors, error =>
        {
            Assert.Equal((1234, "no", Executed.Yes), (error.Code, error.Message, error.Executed));
            Assert.Equal("try later", error.GetDetails<Dictionary<string, string>>()!["hint"]);
        });
    }

    [Theory]
    [InlineData("nobody", "unknown_node")]
    [InlineData("worker-9", "unknown_node")]
    public async Task A_target_that_is_not_there_is_the_same_error_typed_dynamic_and_by_address(string target, string reason)
    {
        dynamic proxy = Proxy.Dynamic;
        var errors = new[]
        {
            await Assert.ThrowsAsync<RpcException>(() => Proxy.Get<IProbe>(target).Where()),
            await Assert.ThrowsAsync<RpcException>(() => Proxy.Call($"probe/{target}/where", cancellationToken: Token)),
            await Assert.ThrowsAsync<RpcException>(async () => await proxy.probe[target].where()),
        };

        Assert.All(errors, error => Assert.Equal(((int)RpcErrorCode.TargetNotFound, reason, Executed.No), (error.Code, error.Reason, error.Executed)));
    }

    [Theory]
    [InlineData("coordinator-1")]
    [InlineData("worker-1")]
    public async Task An_unexpected_exception_keeps_its_text_to_itself(string target)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => Proxy.Call($"probe/{target}/break", cancellationToken: Token));

        Assert.Equal((int)RpcErrorCode.InternalError, error.Code);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Contains(cluster.Ports.Log.All, line => line.Contains(error.Error.TraceId!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("coordinator-1")]
    [InlineData("worker-1")]
    public async Task A_cancelled_call_stops_the_method(string target)
    {
        foreach (var kind in new[] { "typed", "address", "dynamic" })
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var name = $"{target} {kind}";
            Task call = kind switch
            {
                "typed" => Proxy.Get<IProbe>(target).Wait(name, giveUp.Token),
                "address" => Proxy.Call($"probe/{target}/wait", new { name }, giveUp.Token),
                _ => Proxy.Dynamic.probe[target].wait(giveUp.Token, name: name),
            };
            await cluster.Ports.Signals.Seen($"{name} started");

            await giveUp.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            await cluster.Ports.Signals.Seen($"{name} cancelled");
        }
    }

    [Fact]
    public async Task A_method_without_a_result_gives_null()
    {
        await Proxy.Get<IProbe>("worker").Nothing();
        await Proxy.Call("probe/worker/nothing", cancellationToken: Token);
        DynamicResult nothing = await Proxy.Dynamic.probe.worker.nothing();

        Assert.Equal("null", nothing.Json.GetRawText());
    }

    [Fact]
    public async Task A_dynamic_result_reads_as_json_by_member_and_by_position()
    {
        var order = await Proxy.Dynamic.probe.worker.price(order: Apples);
        DynamicResult whole = order;

        Assert.Equal("apple", (string)order.item);
        Assert.Equal(4, (int)order.count);
        Assert.Equal("ripe", order.notes[0].ToString());
        Assert.Equal("ripe", whole.Json.GetProperty("notes")[0].GetString());
        Assert.Equal(10m, whole.As<Order>()!.Total);
    }

    [Fact]
    public async Task Services_call_one_another_in_a_circle()
    {
        Assert.Equal("worker-1 asked by coordinator-1", await Proxy.Get<IProbe>("coordinator-1").CallBack("worker-1"));
    }

    [Fact]
    public async Task A_stream_through_a_role_reference_comes_from_one_node()
    {
        var steps = new List<string>();
        await foreach (var step in Proxy.Get<IProbe>("worker").Steps(5).WithCancellation(Token))
        {
            steps.Add(step);
        }

        Assert.Equal(5, steps.Count);
        Assert.Single(steps.Select(step => step.Split(' ')[0]).Distinct());
    }

    [Fact]
    public async Task A_service_reaches_its_node_the_registry_and_other_services()
    {
        var greetings = await Proxy.Get<IGreeter>("worker-1").GreetFromAll("worker", Token);

        Assert.Equal(6, greetings.Count);
        Assert.Contains("Hello, dynamic, from worker-2!", greetings);
    }

    [Fact]
    public async Task What_a_service_keeps_in_memory_is_the_same_for_every_caller()
    {
        var first = await Proxy.Get<IProbe>("worker-2").Increment();
        var second = await cluster.Worker.Proxy.Call<int>("probe/worker-2/increment", cancellationToken: Token);

        Assert.Equal(first + 1, second);
    }

    [Fact]
    public void A_target_that_can_be_neither_a_node_nor_a_role_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Proxy.Get<IProbe>("@worker"));
    }

    [Fact]
    public async Task Parameters_that_are_no_object_and_no_list_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Proxy.Call("probe/where", 5, Token));
    }

    [Fact]
    public async Task A_list_that_was_written_in_brackets_travels_from_node_to_node()
    {
        var diary = cluster.Worker.Proxy.Get<IDiary>("coordinator-1");
        await diary.Write("one");
        await diary.Write("two");

        Assert.Equal(["one", "two"], await diary.Lines());
    }
}
