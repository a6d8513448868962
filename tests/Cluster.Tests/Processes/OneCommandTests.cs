using System.Text.Json;

namespace Orrery.Cluster.Tests.Processes;

public sealed class OneCommandTests
{
    [Fact]
    public async Task Dotnet_run_starts_a_node_of_every_role_that_answers_with_the_data_of_this_machine()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.Add(NodeProcess.Start("dotnet", ["run", "--no-build", "-c", Repository.Configuration, "--project", "src/Gateway", "--", "--services", $"samples/HelloServices/bin/{Repository.Configuration}/net10.0", .. cluster.GatewayArguments]));
        var client = new RpcClient(await gateway.AnswersAsync());

        var info = await client.ResultAsync("system/get_system_info");
        var node = (await client.ResultAsync("registry/list_nodes")).EnumerateArray().Single();

        Assert.Equal(Environment.MachineName, info.GetProperty("hostname").GetString());
        Assert.Equal(Environment.ProcessorCount, info.GetProperty("processor_count").GetInt32());
        Assert.Equal(node.GetProperty("node_id").GetString(), info.GetProperty("node_id").GetString());
        Assert.Equal(["gateway", "coordinator", "worker"], Texts(node, "roles"));
        Assert.Equal(["calculator", "counter", "echo", "greeter", "guestbook", "ledger", "metrics_dashboard", "metrics_reporter", "orchestrator", "registry", "system"], Texts(node, "services"));
        Assert.Equal("gateway", node.GetProperty("role").GetString());
        Assert.Equal("alive", node.GetProperty("status").GetString());
        Assert.Equal("127.0.0.1", node.GetProperty("address").GetString());
        Assert.Equal(client.Address.GetLeftPart(UriPartial.Authority), node.GetProperty("url").GetString());
        Assert.Contains("answers JSON-RPC at", gateway.Output.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_role_of_the_one_node_answers()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--node-id", "all-in-one");

        foreach (var target in new[] { "gateway", "coordinator", "worker", "all-in-one" })
        {
            var info = await client.ResultAsync($"system/{target}/get_system_info");
            Assert.Equal("all-in-one", info.GetProperty("node_id").GetString());
        }
    }

    private static IEnumerable<string?> Texts(JsonElement node, string name) => node.GetProperty(name).EnumerateArray().Select(text => text.GetString());
}
