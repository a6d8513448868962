using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Registry;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class PlacementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_to_a_node_that_is_gone_says_so_and_creates_nothing_elsewhere()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var staying = await TestNode.StartAsync(ports, "worker-1", "worker");
        await using var leaving = await TestNode.StartAsync(ports, "worker-2", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1", "worker-2");
        var reference = seed.Proxy.Get<IProbe>("worker-2");
        Assert.Equal("worker-2", await reference.Where());

        await leaving.StopAsync();
        await seed.SeesAsync("coordinator-1", "worker-1");

        var typed = await Assert.ThrowsAsync<RpcException>(reference.Where);
        var byAddress = await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Call("probe/worker-2/where", cancellationToken: Token));
        Assert.Equal((int)RpcErrorCode.TargetNotFound, typed.Code);
        Assert.Equal((int)RpcErrorCode.TargetNotFound, byAddress.Code);
        Assert.DoesNotContain(seed.Registry.Nodes, node => node.NodeId == "worker-2");
        var grains = await seed.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(null, null, Token);
        Assert.DoesNotContain(grains, grain => grain.GrainId.ToString() == "svc.probe/worker-2");
    }

    [Fact]
    public async Task A_role_reference_goes_on_with_the_nodes_that_are_left()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var staying = await TestNode.StartAsync(ports, "worker-1", "worker");
        await using var leaving = await TestNode.StartAsync(ports, "worker-2", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1", "worker-2");
        var workers = seed.Proxy.Get<IProbe>("worker");

        await leaving.StopAsync();
        await seed.SeesAsync("coordinator-1", "worker-1");

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("worker-1", await workers.Where());
        }
    }

    [Fact]
    public async Task A_node_without_the_role_never_hosts_the_service()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        await using var worker = await TestNode.StartAsync(ports, "worker-1", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1");
        await worker.SeesAsync("coordinator-1", "worker-1");

        Assert.Equal("coordinator-1", await worker.Proxy.Get<IOnlyOnCoordinators>().Where());
        var typed = await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Get<IOnlyOnCoordinators>("worker-1").Where());
        var byRole = await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Call("only_on_coordinators/worker/where", cancellationToken: Token));
        Assert.Equal(RpcErrorReason.ServiceNotOnNode, typed.Reason);
        Assert.Equal(RpcErrorReason.NoNodeOfRole, byRole.Reason);
        Assert.DoesNotContain("only_on_coordinators", seed.Registry.Nodes.Single(node => node.NodeId == "worker-1").Services);
    }

    [Fact]
    public async Task A_node_that_called_a_service_before_anybody_hosted_it_still_places_calls_where_their_key_says()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "gateway-1", "gateway", isSeed: true);

        // Before any host of the service is there: Orleans remembers what it makes of a type at its first use.
        var early = await Assert.ThrowsAsync<RpcException>(() => seed.Proxy.Get<IOnlyOnWorkers>("worker-1").Where());
        Assert.Equal(RpcErrorCode.MethodNotFound, (RpcErrorCode)early.Code);

        await using var one = await TestNode.StartAsync(ports, "worker-1", "worker");
        await using var two = await TestNode.StartAsync(ports, "worker-2", "worker");
        await seed.SeesAsync("gateway-1", "worker-1", "worker-2");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("worker-1", await seed.Proxy.Get<IOnlyOnWorkers>("worker-1").Where());
            Assert.Equal("worker-2", await seed.Proxy.Call<string>("only_on_workers/worker-2/where", cancellationToken: Token));
        }
    }

    [Fact]
    public async Task A_restarted_node_answers_under_its_old_id()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);
        var first = await TestNode.StartAsync(ports, "worker-1", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1");
        Assert.Equal(1, await seed.Proxy.Get<IProbe>("worker-1").Increment());
        await first.DisposeAsync();
        await seed.SeesAsync("coordinator-1");

        await using var second = await TestNode.StartAsync(ports, "worker-1", "worker");
        await seed.SeesAsync("coordinator-1", "worker-1");

        Assert.Equal(1, await seed.Proxy.Get<IProbe>("worker-1").Increment());
        Assert.Equal(NodeStatus.Alive, seed.Registry.Nodes.Single(node => node.NodeId == "worker-1").Status);
    }

    [Fact]
    public async Task Orleans_is_told_that_services_stay_where_they_are()
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);

        var manifest = seed.Services.GetRequiredService<IClusterManifestProvider>().Current;
        var properties = manifest.Silos.Values.Single().Grains[GrainType.Create("svc.probe")].Properties;

        Assert.Equal("3", properties["immovable"]);
        Assert.Equal("indefinite", properties["idle-duration"]);
        Assert.Equal("true", properties["reentrant"]);
    }

    [Theory]
    [InlineData("fish", "worker", "Orrery:NodeId")]
    [InlineData("worker-1", "seed-1", "Orrery:Roles")]
    public async Task A_node_whose_names_would_be_ambiguous_does_not_start(string nodeId, string role, string key)
    {
        var ports = new ClusterPorts();
        await using var seed = await TestNode.StartAsync(ports, "seed-1", "fish", isSeed: true);

        var refusal = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => TestNode.StartAsync(ports, nodeId, role));

        Assert.StartsWith(key, refusal.Message, StringComparison.Ordinal);
    }
}
