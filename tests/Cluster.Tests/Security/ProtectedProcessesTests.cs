using Orrery.Cluster.Tests.Durable;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Security;

/// <summary>Clusters of processes whose nodes ask each other for certificates.</summary>
public sealed class ProtectedProcessesTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _next = new("The next authority");

    private string Authorities => Path.Combine(Path.GetDirectoryName(_authority.File)!, "authorities.crt");

    public void Dispose()
    {
        _authority.Dispose();
        _next.Dispose();
    }

    [Fact]
    public async Task Certificates_and_their_authority_are_replaced_under_load_and_no_call_fails()
    {
        Replace(_authority);
        Trust(_authority);
        await using var cluster = Protected();
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await cluster.StartNodeAsync("--node-id", "worker-1");
        await cluster.StartNodeAsync("--node-id", "worker-2");
        await client.NodesWhenAsync(nodes => nodes.Count(node => node.GetProperty("status").GetString() == "alive") == 3);
        await using var load = new GatewayLoad(new Version(1, 1), 8, "system/worker/get_system_info", client.Address);
        await load.GoesOnAsync(100);

        Trust(_authority, _next);
        await JoinAndLeaveAsync(cluster, client, load, "worker-3");
        Replace(_next);
        await JoinAndLeaveAsync(cluster, client, load, "worker-4");
        Trust(_next);
        await JoinAndLeaveAsync(cluster, client, load, "worker-5");

        Assert.Empty(await load.StopAsync());
        // What the old authority signed is let in no more, and what the new one signed for another cluster never is.
        var old = Stranger(cluster, "worker-6", _authority, "orrery");
        var other = Stranger(cluster, "worker-7", _next, "billing");
        await Task.WhenAll(new[] { old, other }.Select(node => node.SeesAsync(new("reaches the seed node at .* and is not let in"))));
        Assert.Equal(["gateway-1", "worker-1", "worker-2"], (await client.ResultAsync("registry/list_nodes")).EnumerateArray().Where(node => node.GetProperty("status").GetString() == "alive").Select(node => node.GetProperty("node_id").GetString()!).Order());
    }

    [Fact]
    public async Task A_killed_node_is_noticed_by_its_closed_connections()
    {
        Replace(_authority);
        Trust(_authority);
        await using var cluster = Protected();
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1");
        var client = new RpcClient(await gateway.AnswersAsync());
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1");
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));

        worker.Kill();

        await gateway.SeesAsync(new("is gone: nobody listens there any more"));
    }

    [Theory]
    [InlineData("Orrery:NodeTls:Certificate: it is missing", "--Orrery:NodeTls:Enabled", "true")]
    [InlineData("Orrery:NodeTls:Certificate: it is missing", "--Orrery:NodeTls:Ca", "ca.crt")]
    [InlineData("Orrery:NodeTls:Name: 'my cluster' can't be a DNS name", "--Orrery:NodeTls:Certificate", "node.crt", "--Orrery:NodeTls:Ca", "ca.crt", "--cluster-id", "my cluster")]
    [InlineData("Orrery:NodeTls:Ca: it is missing", "--Orrery:NodeTls:Certificate", "node.crt")]
    [InlineData("Orrery:NodeTls:Certificate: node.crt can't be used", "--Orrery:NodeTls:Certificate", "node.crt", "--Orrery:NodeTls:Ca", "ca.crt")]
    [InlineData("Orrery:NodeTls:Certficate is not a setting", "--Orrery:NodeTls:Certficate", "node.crt")]
    [InlineData("Orrery:Dangerously:ConnectNodesWithoutTls to true", "--address", "10.1.2.3")]
    [InlineData("Orrery:NodeTls:Certificate, Orrery:NodeTls:Key and Orrery:NodeTls:Ca", "--seed", "10.1.2.3:11111")]
    [InlineData("neither an address that others can reach", "--address", "0.0.0.0")]
    [InlineData("neither an address that others can reach", "--address", "no.such.host.invalid")]
    [InlineData("Orrery:Address: 10.1.2.3 is not an address of this machine", "--address", "10.1.2.3", "--Orrery:Dangerously:ConnectNodesWithoutTls", "true")]
    [InlineData("Orrery:Dangerously:Everything is not a setting", "--Orrery:Dangerously:Everything", "true")]
    public async Task A_setting_that_leaves_a_node_unprotected_or_wrong_stops_the_start(string expected, params string[] args)
    {
        await using var node = NodeProcess.Start("src/Silo", "Orrery.Silo", args);

        Assert.Equal(78, await node.ExitsAsync());
        Assert.Contains(expected, node.Output, StringComparison.Ordinal);
    }

    private ProcessCluster Protected()
    {
        var folder = Path.GetDirectoryName(_authority.File)!;
        var cluster = new ProcessCluster();
        cluster.Environment["Orrery__NodeTls__Certificate"] = Path.Combine(folder, "node.crt");
        cluster.Environment["Orrery__NodeTls__Key"] = Path.Combine(folder, "node.key");
        cluster.Environment["Orrery__NodeTls__Ca"] = Authorities;
        return cluster;
    }

    private static NodeProcess Stranger(ProcessCluster cluster, string nodeId, TestAuthority signer, string name)
    {
        var (certificate, key) = signer.WritePem(signer.Issue([name]), nodeId);
        return cluster.LaunchNode("--node-id", nodeId, "--Orrery:NodeTls:Certificate", certificate, "--Orrery:NodeTls:Key", key);
    }

    private void Replace(TestAuthority signer)
    {
        using var certificate = signer.Issue(["orrery"]);
        _authority.WritePem(certificate, "node");
    }

    private void Trust(params TestAuthority[] authorities) =>
        _authority.Write("authorities.crt", string.Join('\n', authorities.Select(authority => authority.Certificate.ExportCertificatePem())));

    // A node that comes and goes makes the others look at their files again.
    private static async Task JoinAndLeaveAsync(ProcessCluster cluster, RpcClient client, GatewayLoad load, string nodeId)
    {
        var node = await cluster.StartNodeAsync("--node-id", nodeId);
        await client.NodesWhenAsync(nodes => nodes.Has(nodeId, "alive"));
        await load.GoesOnAsync(300);
        node.Terminate();
        Assert.Equal(0, await node.ExitsAsync());
    }
}
