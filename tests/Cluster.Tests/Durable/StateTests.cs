using Orrery.Cluster.Tests.InProcess;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains.OrchestratorService;
using Orrery.Rpc;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

public sealed class StateTests(SharedPostgres postgres)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Services_of_one_node_that_name_their_state_alike_do_not_share_it(bool inDatabase)
    {
        await using var node = await StartAsync(inDatabase ? await postgres.Server.CreateDatabaseAsync() : null, "worker-1");

        await node.Proxy.Get<IAccount>("worker-1").Add(5);
        await node.Proxy.Get<IDiary>("worker-1").Write("five");

        Assert.Equal(5, await node.Proxy.Get<IAccount>("worker-1").Sum());
        Assert.Equal(["five"], await node.Proxy.Get<IDiary>("worker-1").Lines());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writes_that_overlap_are_all_kept(bool inDatabase)
    {
        await using var node = await StartAsync(inDatabase ? await postgres.Server.CreateDatabaseAsync() : null, "worker-1");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => node.Proxy.Get<IAccount>("worker-1").Add(1)));

        Assert.Equal(50, await node.Proxy.Get<IAccount>("worker-1").Sum());
    }

    [Fact]
    public async Task State_outlives_its_node_and_what_was_cleared_stays_cleared()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using (var node = await StartAsync(database, "worker-1"))
        {
            await node.Proxy.Get<IAccount>("worker-1").Add(5);
            await node.Proxy.Get<IDiary>("worker-1").Write("ü \u0000 \"quoted\"");
        }

        await using (var node = await StartAsync(database, "worker-1"))
        {
            Assert.Equal(5, await node.Proxy.Get<IAccount>("worker-1").Sum());
            Assert.Equal(["ü \u0000 \"quoted\""], await node.Proxy.Get<IDiary>("worker-1").Lines());
            await node.Proxy.Get<IAccount>("worker-1").Clear();
        }

        await using (var node = await StartAsync(database, "worker-1"))
        {
            Assert.Equal(0, await node.Proxy.Get<IAccount>("worker-1").Sum());
            Assert.Equal(2, await node.Proxy.Get<IAccount>("worker-1").Add(2));
        }
    }

    [Fact]
    public async Task Node_ids_that_look_like_the_same_number_have_states_of_their_own()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        string[] ids = ["1", "01", "a1", "A1"];
        var ports = new ClusterPorts(database);
        var nodes = new List<TestNode>();
        foreach (var id in ids)
        {
            nodes.Add(await TestNode.StartAsync(ports, id, "worker"));
        }

        foreach (var (i, node) in nodes.Index())
        {
            await node.Proxy.Get<IAccount>(ids[i]).Add(i + 1);
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            await nodes[i].DisposeAsync();
            await using var again = await TestNode.StartAsync(ports, ids[i], "worker");
            Assert.Equal(i + 1, await again.Proxy.Get<IAccount>(ids[i]).Sum());
        }
    }

    [Fact]
    public async Task A_state_that_another_writer_changed_is_not_overwritten()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using var node = await StartAsync(database, "worker-1");
        await node.Proxy.Get<IAccount>("worker-1").Add(5);
        await using var connection = TestDatabase.Open(database);
        await connection.ExecuteAsync("UPDATE orrery_state SET payload = '{\"sum\":100}', version = version + 1", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => node.Proxy.Call("account/worker-1/add", new { amount = 1 }, TestContext.Current.CancellationToken));

        Assert.Equal((int)RpcErrorCode.InternalError, Assert.IsType<RpcException>(error).Code);
        Assert.Equal(101, await node.Proxy.Call<int>("account/worker-1/add", new { amount = 1 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_service_that_was_stopped_stays_stopped_when_its_node_restarts()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        await using (var node = await StartAsync(database, "worker-1"))
        {
            await node.Proxy.Get<IOrchestrator>().ControlService("eager", ServiceAction.Stop, TestContext.Current.CancellationToken);
            await node.Proxy.Get<IOrchestrator>().ControlService("staged", ServiceAction.Stop, TestContext.Current.CancellationToken);
            await node.Proxy.Get<IOrchestrator>().ControlService("staged", ServiceAction.Start, TestContext.Current.CancellationToken);
        }

        await using (var node = await StartAsync(database, "worker-1"))
        {
            var refused = await Assert.ThrowsAsync<RpcException>(node.Proxy.Get<IEager>("worker-1").Where);
            Assert.Equal(RpcErrorReason.ServiceStopped, refused.Reason);
            Assert.Contains("stopped by a caller through worker-1", refused.Message, StringComparison.Ordinal);
            Assert.Equal("worker-1", await node.Proxy.Get<IStaged>("worker-1").Where());
            await node.Proxy.Get<IOrchestrator>().ControlService("eager", ServiceAction.Start, TestContext.Current.CancellationToken);
        }

        await using (var node = await StartAsync(database, "worker-1"))
        {
            Assert.Equal("worker-1", await node.Proxy.Get<IEager>("worker-1").Where());
        }
    }

    private static Task<TestNode> StartAsync(string? database, string nodeId)
    {
        var ports = new ClusterPorts(database);
        return TestNode.StartAsync(ports, nodeId, "worker", isSeed: database is null);
    }
}
