using System.Text.Json;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains.OrchestratorService;
using Orrery.Rpc;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class FanOutTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Proxy Proxy => cluster.Coordinator.Proxy;

    [Fact]
    public async Task A_typed_call_to_all_nodes_has_an_answer_of_each()
    {
        var everywhere = await Proxy.All<IProbe>().Call((probe, _) => probe.Where(), cancellationToken: Token);
        var workers = await Proxy.All<IProbe>("worker").Call((probe, _) => probe.Where(), cancellationToken: Token);
        var nothing = await Proxy.All<IProbe>("worker").Call((probe, _) => probe.Nothing().AsTask(), cancellationToken: Token);

        Assert.Equal([("coordinator-1", "coordinator-1"), ("worker-1", "worker-1"), ("worker-2", "worker-2")], everywhere.Select(answer => (answer.NodeId, answer.GetResultOrThrow())));
        Assert.Equal(["worker-1", "worker-2"], workers.Select(answer => answer.Result));
        Assert.All(nothing, answer => Assert.Null(answer.Error));
    }

    [Fact]
    public async Task The_target_all_does_the_same_by_address_and_dynamically()
    {
        var workers = await Proxy.Call<NodeAnswer<string>[]>("probe/@all:worker/where", cancellationToken: Token);
        var json = await Proxy.Call<JsonElement>("probe/@all/where", cancellationToken: Token);
        NodeAnswer<string>[] everywhere = await Proxy.Dynamic.probe["@all"].where();

        Assert.Equal([("worker-1", "worker-1"), ("worker-2", "worker-2")], workers!.Select(answer => (answer.NodeId, answer.Result)));
        Assert.Equal("""[{"node_id":"coordinator-1","result":"coordinator-1"},{"node_id":"worker-1","result":"worker-1"},{"node_id":"worker-2","result":"worker-2"}]""", json.GetRawText());
        Assert.Equal(3, everywhere.Length);
    }

    [Fact]
    public async Task What_fails_on_a_node_is_that_nodes_answer()
    {
        var typed = await Proxy.All<IProbe>("worker").Call((probe, _) => probe.Refuse("not today"), cancellationToken: Token);
        var byAddress = await Proxy.Call<NodeAnswer<object>[]>("probe/@all:worker/refuse", new { message = "not today" }, Token);

        foreach (var answer in typed.Concat(byAddress!))
        {
            Assert.Equal((1234, "not today", RpcErrorReason.ServiceError, Executed.Yes), (answer.Error!.Code, answer.Error.Message, answer.Error.Reason, answer.Error.Executed));
            Assert.Equal("""{"hint":"try later"}""", answer.Error.Details.ToString());
            Assert.Throws<RpcException>(() => answer.GetResultOrThrow());
        }
    }

    [Fact]
    public async Task One_deadline_holds_for_all_nodes_and_tells_the_methods_to_stop()
    {
        var answers = await Proxy.All<IProbe>("worker").Call(
            (probe, token) => probe.Wait("fan-out", token),
            TimeSpan.FromMilliseconds(200),
            Token);

        Assert.Equal(["worker-1", "worker-2"], answers.Select(answer => answer.NodeId));
        Assert.All(answers, answer => Assert.Equal((RpcErrorCode.DeadlineExceeded, Executed.Maybe), ((RpcErrorCode)answer.Error!.Code, answer.Error.Executed)));
        await cluster.Ports.Signals.Seen("fan-out cancelled");
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_no_answers()
    {
        using var giveUp = new CancellationTokenSource();
        var calling = Proxy.All<IProbe>("worker").Call((probe, token) => probe.Wait("given up", token), cancellationToken: giveUp.Token);
        await cluster.Ports.Signals.Seen("given up started");

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }

    [Fact]
    public async Task Nodes_where_the_service_is_stopped_are_left_out_and_none_at_all_is_an_error()
    {
        await Proxy.Get<IOrchestrator>("worker-2").ControlService("staged", ServiceAction.Stop, Token);
        await cluster.Coordinator.SeesServiceAsync("staged", "worker-2", Rpc.Lifecycle.ServiceStatus.Stopped);

        Assert.Equal("worker-1", Assert.Single(await Proxy.All<IStaged>().Call((staged, _) => staged.Where(), cancellationToken: Token)).NodeId);
        Assert.Equal("worker-1", Assert.Single((await Proxy.Call<NodeAnswer<string>[]>("staged/@all/where", cancellationToken: Token))!).NodeId);
        foreach (var (call, reason) in new (Func<Task>, string)[]
        {
            (() => Proxy.All<IStaged>("coordinator").Call((staged, _) => staged.Where(), cancellationToken: Token), RpcErrorReason.NoNodeOfRole),
            (() => Proxy.Call("staged/@all:coordinator/where", cancellationToken: Token), RpcErrorReason.NoNodeOfRole),
            (() => Proxy.Call("staged/@all:nobody/where", cancellationToken: Token), RpcErrorReason.UnknownNode),
            (() => Proxy.Call("staged/@all:/where", cancellationToken: Token), RpcErrorReason.UnknownNode),
            (() => Proxy.Call("staged/@everybody/where", cancellationToken: Token), RpcErrorReason.UnknownNode),
            (() => Proxy.Call("staged/@all/nothing", cancellationToken: Token), RpcErrorReason.UnknownMethod),
        })
        {
            Assert.Equal(reason, (await Assert.ThrowsAsync<RpcException>(call)).Reason);
        }
    }
}
