using System.Text.RegularExpressions;
using Orrery.Cluster.Tests.Processes;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Versions;

public sealed partial class BreakTests(SharedPostgres postgres)
{
    [Fact]
    public async Task A_version_that_would_lose_the_calls_of_live_nodes_does_not_start_and_says_what_differs()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        var old = await cluster.StartNodeAsync("--node-id", "stock-1", "--services", MixedCluster.Services("One"));
        await client.NodesWhenAsync(nodes => nodes.Has("stock-1", "alive"));

        var refused = cluster.LaunchNode("--node-id", "stock-2", "--services", MixedCluster.Services("Three"));

        Assert.Equal(78, await refused.ExitsAsync());
        Assert.Equal(
            """
            The node can't start:
              stock/reserve is not what it is on stock-1: its parameter 1 is 'article' here and 'sku' there. There it is reserve(sku: string, quantity: 32-bit integer): Reservation, here reserve(article: string, quantity: 64-bit integer, customer: string): Reservation.
              stock/take is not what it is on stock-1: 'delivery.origin' is required here and unknown there; 'result' is 32-bit integer here and string there. There it is take(delivery: Delivery): string, here take(delivery: Delivery): 32-bit integer.
              Calls to those nodes would be lost here. Give what has changed a name of its own, beside what is there; or stop those nodes first. Orrery:Dangerously:BreakServices (Orrery__Dangerously__BreakServices) set to true starts the node all the same.
            """,
            refused.Output[refused.Output.IndexOf("The node can't start:", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("is in the cluster", refused.Output, StringComparison.Ordinal);

        old.Kill();
        await old.ExitsAsync();
        await cluster.StartNodeAsync("--node-id", "stock-2", "--services", MixedCluster.Services("Three"));
    }

    [Fact]
    public async Task Whoever_accepts_that_calls_are_lost_can_say_so_and_the_older_nodes_may_still_come_back()
    {
        await using var cluster = new ProcessCluster();
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        await cluster.StartNodeAsync("--node-id", "stock-1", "--services", MixedCluster.Services("One"));
        await client.NodesWhenAsync(nodes => nodes.Has("stock-1", "alive"));

        var forced = await cluster.StartNodeAsync("--node-id", "stock-2", "--services", MixedCluster.Services("Three"), "--Orrery:Dangerously:BreakServices", "true");

        await forced.SeesAsync(BreakIsLogged());
        await forced.SeesAsync(MethodIsMissed());
        await cluster.StartNodeAsync("--node-id", "stock-3", "--services", MixedCluster.Services("One"));
        await client.NodesWhenAsync(nodes => nodes.Has("stock-3", "alive"));
        Assert.Equal(2, (await client.ResultAsync("stock/@all/audit")).GetArrayLength());
    }

    [Fact]
    public async Task Of_two_versions_that_break_each_other_and_start_together_one_gets_in()
    {
        await using var cluster = new ProcessCluster(await postgres.Server.CreateDatabaseAsync());
        var client = await cluster.StartGatewayAsync("--node-id", "gateway-1", "--role", "gateway");
        NodeProcess[] nodes =
        [
            cluster.LaunchNode("--node-id", "stock-1", "--services", MixedCluster.Services("One")),
            cluster.LaunchNode("--node-id", "stock-2", "--services", MixedCluster.Services("Three")),
        ];
        var joins = Array.ConvertAll(nodes, node => node.JoinsOrExitsAsync());

        Assert.Single(await Task.WhenAll(joins), joined => joined);
        await client.UntilAsync("registry/list_services", services => services.EnumerateArray().Any(service => service.GetProperty("name").GetString() == "stock" && service.GetProperty("nodes").GetArrayLength() == 1));
    }

    [GeneratedRegex(@"(Orrery:Dangerously:BreakServices) is set, and calls will be lost: stock/reserve is not what it is on stock-1: its parameter 1 is 'article' here")]
    private static partial Regex BreakIsLogged();

    [GeneratedRegex(@"The version of the service stock on stock-2 has no method '(audit)'\. That on stock-1 has it")]
    private static partial Regex MethodIsMissed();
}
