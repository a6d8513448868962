using Microsoft.Extensions.DependencyInjection;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains.OrchestratorService;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class LifecycleTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>, IAsyncLifetime
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Proxy Proxy => cluster.Coordinator.Proxy;

    private Signals Signals => cluster.Ports.Signals;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in new[] { "worker-1", "worker-2" })
        {
            await Proxy.Get<IOrchestrator>(node).ControlService("staged", ServiceAction.Start, CancellationToken.None);
            await cluster.Coordinator.SeesServiceAsync("staged", node, ServiceStatus.Running);
        }
    }

    [Fact]
    public async Task Whoever_asks_how_a_service_is_while_it_starts_again_and_again_never_locks_it_up()
    {
        var services = cluster.Worker.Services.GetRequiredService<LocalServices>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                Assert.NotNull(services.Find("staged"));
            }
        })).ToArray();

        for (var i = 0; i < 200; i++)
        {
            await services.RestartAsync("staged", "a test", Token);
        }

        await end.CancelAsync();
        await Task.WhenAll(asking);
    }

    [Fact]
    public async Task A_stopped_service_refuses_each_kind_of_call_on_its_node_and_role_calls_go_elsewhere()
    {
        var early = Proxy.Get<IStaged>("worker-1");
        Assert.Equal("worker-1", await early.Where());

        var result = await Control("worker-1", ServiceAction.Stop);

        Assert.True(result.Changed);
        Assert.Equal(ServiceStatus.Stopped, result.Service.Status);
        await cluster.Coordinator.SeesServiceAsync("staged", "worker-1", ServiceStatus.Stopped);
        await cluster.Worker.SeesServiceAsync("staged", "worker-1", ServiceStatus.Stopped);
        foreach (var call in new Func<Task>[]
        {
            early.Where,
            Proxy.Get<IStaged>("worker-1").Where,
            () => Proxy.Call("staged/worker-1/where", cancellationToken: Token),
            async () => await Proxy.Dynamic.staged["worker-1"].where(),
            () => Proxy.Call("staged/worker-1/ping", cancellationToken: Token),
        })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(call);
            Assert.Equal((RpcErrorCode.ServiceStopped, RpcErrorReason.ServiceStopped, Executed.No), ((RpcErrorCode)refused.Code, refused.Reason, refused.Executed));
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("worker-2", await Proxy.Get<IStaged>("worker").Where());
            Assert.Equal("worker-2", await Proxy.Call<string>("staged/where", cancellationToken: Token));
            Assert.Equal("worker-2", await cluster.Worker.Proxy.Get<IStaged>().Where());
        }

        await Control("worker-2", ServiceAction.Stop);
        await cluster.Coordinator.SeesServiceAsync("staged", "worker-2", ServiceStatus.Stopped);
        var nowhere = await Assert.ThrowsAsync<RpcException>(Proxy.Get<IStaged>("worker").Where);
        Assert.Equal(RpcErrorReason.NoNodeOfRole, nowhere.Reason);
        Assert.Contains("It is stopped on worker-1, worker-2.", nowhere.Message, StringComparison.Ordinal);

        await Control("worker-1", ServiceAction.Start);
        Assert.Equal("worker-1", await early.Where());
    }

    [Fact]
    public async Task A_service_that_is_stopped_finishes_its_calls_first_and_its_hooks_run()
    {
        var held = Proxy.Get<IStaged>("worker-1").Hold("stop");
        await Signals.Seen("stop holds");
        var stopped = Signals.Counted("staged stopped");

        var stopping = Control("worker-1", ServiceAction.Stop);
        await cluster.Coordinator.SeesServiceAsync("staged", "worker-1", ServiceStatus.Stopping);
        var refused = await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("staged/worker-1/where", cancellationToken: Token));
        Assert.Equal(RpcErrorReason.ServiceStopped, refused.Reason);
        Assert.False(stopping.IsCompleted);
        Assert.Equal(stopped, Signals.Counted("staged stopped"));
        Signals.Set("stop may go");

        Assert.Equal("worker-1", await held);
        Assert.Equal(ServiceStatus.Stopped, (await stopping).Service.Status);
        Assert.Equal(stopped + 1, Signals.Counted("staged stopped"));
    }

    [Fact]
    public async Task A_restart_gives_a_fresh_activation_and_loses_no_call()
    {
        await Proxy.Get<IStaged>("worker-1").Where();
        var (started, stopped) = (Signals.Counted("staged started"), Signals.Counted("staged stopped"));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var callers = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var calls = 0;
            for (; !enough.IsCancellationRequested; calls++)
            {
                Assert.Equal("worker-1", i % 2 == 0
                    ? await Proxy.Get<IStaged>("worker-1").Where()
                    : await Proxy.Call<string>("staged/worker-1/where", cancellationToken: Token));
            }

            return calls;
        })).ToArray();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ServiceStatus.Running, (await Control("worker-1", ServiceAction.Restart)).Service.Status);
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls > 0));
        Assert.Equal(started + 5, Signals.Counted("staged started"));
        Assert.Equal(stopped + 5, Signals.Counted("staged stopped"));
    }

    [Fact]
    public async Task Each_wrong_order_has_a_clear_answer()
    {
        var orchestrator = Proxy.Get<IOrchestrator>("worker-1");
        foreach (var name in new[] { "system", "registry", "orchestrator" })
        {
            var kept = await Assert.ThrowsAsync<RpcException>(() => orchestrator.ControlService(name, ServiceAction.Stop, Token));
            Assert.Contains("can't be stopped", kept.Message, StringComparison.Ordinal);
        }

        var unknown = await Assert.ThrowsAsync<RpcException>(() => orchestrator.ControlService("only_on_coordinators", ServiceAction.Stop, Token));
        Assert.Equal(((int)RpcErrorCode.InvalidParams, "This node hosts no service 'only_on_coordinators'. orchestrator/list_services lists those that it hosts."), (unknown.Code, unknown.Message));
        var noSuchStatus = await Assert.ThrowsAsync<RpcException>(() => orchestrator.GetServiceStatus("nothing"));
        Assert.Equal((int)RpcErrorCode.InvalidParams, noSuchStatus.Code);
        var noSuchAction = await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("orchestrator/worker-1/control_service", new { service_name = "staged", action = "pause" }, Token));
        Assert.Contains("one of start, stop, restart", noSuchAction.Message, StringComparison.Ordinal);

        var already = await Control("worker-1", ServiceAction.Start);
        Assert.Equal((false, "'staged' was already running on 'worker-1'."), (already.Changed, already.Message));
        await Control("worker-1", ServiceAction.Stop);
        already = await Control("worker-1", ServiceAction.Stop);
        Assert.Equal((false, "'staged' was already stopped on 'worker-1'."), (already.Changed, already.Message));
        var restarted = await Control("worker-1", ServiceAction.Restart);
        Assert.Equal((true, "'staged' is now running on 'worker-1'."), (restarted.Changed, restarted.Message));
    }

    [Fact]
    public async Task The_log_and_the_reason_say_who_asked()
    {
        var asked = await Proxy.Call<ControlResult>("orchestrator/worker-1/control_service", new { service_name = "staged", action = "stop" }, Token);

        Assert.Equal("stopped by a caller through coordinator-1", asked!.Service.Reason);
        Assert.Contains(cluster.Ports.Log.All, line => line.EndsWith("The service staged was told to stop by a caller through coordinator-1: done", StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<RpcException>(Proxy.Get<IStaged>("worker-1").Where);
        Assert.Contains("stopped by a caller through coordinator-1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_service_says_of_its_health_is_seen_on_other_nodes_until_it_starts_afresh()
    {
        await Proxy.Get<IStaged>("worker-2").Say(ServiceHealth.Degraded, "the disk is slow");

        await cluster.Coordinator.Registry.WaitUntilAsync(registry => OnWorker2(registry) == new ServiceOnNode("worker-2", ServiceStatus.Running, ServiceHealth.Degraded, "the disk is slow"), Token);
        var pong = await Proxy.Get<IStaged>("worker-2").Ping();
        Assert.Equal(new Pong("worker-2", "staged", ServiceHealth.Degraded, "the disk is slow"), pong);

        await Control("worker-2", ServiceAction.Restart);

        await cluster.Coordinator.Registry.WaitUntilAsync(registry => OnWorker2(registry) == new ServiceOnNode("worker-2", ServiceStatus.Running, ServiceHealth.Healthy, null), Token);

        static ServiceOnNode OnWorker2(NodeRegistry registry) => registry.Services.Single(service => service.Name == "staged").Nodes.Single(node => node.NodeId == "worker-2");
    }

    [Fact]
    public async Task Every_service_answers_a_ping_without_a_line_of_its_author()
    {
        Assert.Equal(new Pong("worker-1", "probe", ServiceHealth.Healthy, null), await Proxy.Get<IProbe>("worker-1").Ping());
        Assert.Equal("coordinator-1", (await Proxy.Call<Pong>("only_on_coordinators/ping", cancellationToken: Token))!.NodeId);
    }

    [Fact]
    public async Task A_service_that_starts_by_itself_starts_with_its_node()
    {
        await Signals.Seen("eager started on worker-1");
        await Signals.Seen("eager started on worker-2");

        var eager = await Proxy.Get<IOrchestrator>("worker-1").GetServiceStatus("eager");
        Assert.True(eager is { AutoStart: true, AlwaysOn: false, Status: ServiceStatus.Running, ActiveSince: not null });
    }

    private Task<ControlResult> Control(string node, ServiceAction action) => Proxy.Get<IOrchestrator>(node).ControlService("staged", action, Token);
}
