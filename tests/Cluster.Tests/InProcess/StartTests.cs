using Orrery.Cluster.Tests.Services;
using Orrery.Grains.OrchestratorService;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class StartTests
{
    [Fact]
    public async Task A_service_that_fails_to_start_gets_no_role_calls_and_is_tried_again()
    {
        var ports = new ClusterPorts();
        ports.Signals.Set("eager fails on worker-1");
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var failing = await TestNode.StartAsync(ports, "worker-1", "worker");
        await using var other = await TestNode.StartAsync(ports, "worker-2", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1", "worker-2");
        await seed.SeesServiceAsync("eager", "worker-1", ServiceStatus.Failed);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("worker-2", await seed.Proxy.Get<IEager>("worker").Where());
        }

        var reason = seed.Registry.Services.Single(service => service.Name == "eager").Nodes[0].Reason!;
        Assert.StartsWith("could not be started: The service failed unexpectedly. The node's log has more under the trace id ", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", reason, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Get<IOrchestrator>("worker-1").ControlService("eager", ServiceAction.Start, TestContext.Current.CancellationToken));
        Assert.StartsWith("The service 'eager' could not be started: ", refused.Message, StringComparison.Ordinal);

        ports.Signals.Reset("eager fails on worker-1");

        await seed.SeesServiceAsync("eager", "worker-1", ServiceStatus.Running);
        Assert.Equal("worker-1", await seed.Proxy.Get<IEager>("worker-1").Where());
    }

    [Fact]
    public async Task A_service_waits_for_what_it_depends_on_and_says_so()
    {
        var ports = new ClusterPorts();
        await using var worker = await TestNode.StartAsync(ports, "worker-1", "worker", isSeed: true);
        var waiting = await worker.Proxy.Get<IOrchestrator>().GetServiceStatus("dependent");
        Assert.Equal((ServiceStatus.Waiting, "depends on 'only_on_coordinators', which no live node runs"), (waiting.Status, waiting.Reason));
        Assert.Null(waiting.ActiveSince);
        Assert.False(ports.Signals.IsSet("dependent started on worker-1"));

        await using var coordinator = await TestNode.StartAsync(ports, "coordinator-1", "coordinator");

        await ports.Signals.Seen("dependent started on worker-1");
        await worker.SeesServiceAsync("dependent", "worker-1", ServiceStatus.Running);
        await coordinator.StopAsync();
        await worker.SeesServiceAsync("dependent", "worker-1", ServiceStatus.Waiting);
        Assert.Equal("worker-1", await worker.Proxy.Get<IDependent>().Where());
    }

    [Fact]
    public async Task A_node_that_joins_later_learns_what_is_stopped()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "worker-1", "worker", isSeed: true);
        await seed.Proxy.Get<IOrchestrator>().ControlService("staged", ServiceAction.Stop, TestContext.Current.CancellationToken);

        await using var later = await TestNode.StartAsync(ports, "worker-2", "worker");

        await later.SeesServiceAsync("staged", "worker-1", ServiceStatus.Stopped);
        Assert.Equal("worker-2", await later.Proxy.Get<IStaged>("worker").Where());
    }
}
