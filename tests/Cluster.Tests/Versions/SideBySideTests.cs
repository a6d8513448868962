using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Cluster.Tests.Versions;

/// <summary>desk-1 calls with the first version of the contract, desk-2 with the second; stock-1 and stock-2 have them.</summary>
public sealed class SideBySideTests(MixedCluster cluster) : IClassFixture<MixedCluster>
{
    // More than chance needs to send one of them to the wrong node.
    private const int Often = 20;

    [Theory]
    [InlineData("stock/release", """{"sku":"tea","quantity":1}""", "1 tea are back on stock-2")]
    [InlineData("stock/worker/release", """{"sku":"tea","quantity":1}""", "1 tea are back on stock-2")]
    [InlineData("stock/worker/audit", "{}", "all of it is on stock-1")]
    [InlineData("stock/stock-1/audit", "{}", "all of it is on stock-1")]
    [InlineData("desk/desk-1/audit", """{"target":"worker"}""", "all of it is on stock-1")]
    [InlineData("desk/desk-2/return", """{"target":"worker","sku":"tea","quantity":1}""", "1 tea are back on stock-2")]
    public async Task A_call_goes_to_a_node_that_has_its_method(string method, string parameters, string result)
    {
        for (var i = 0; i < Often; i++)
        {
            Assert.Equal(result, (await ResultAsync(method, parameters)).GetString());
        }
    }

    [Theory]
    [InlineData("stock/stock-1/release", """{"sku":"tea","quantity":1}""", "The version of the service 'stock' on 'stock-1' has no method 'release'. That on stock-2 has it.")]
    [InlineData("stock/stock-2/audit", "{}", "The version of the service 'stock' on 'stock-2' has no method 'audit'. That on stock-1 has it.")]
    [InlineData("desk/desk-1/audit", """{"target":"stock-2"}""", "The version of the service 'stock' on 'stock-2' has no method 'audit'. That on stock-1 has it.")]
    [InlineData("desk/desk-2/return", """{"target":"stock-1","sku":"tea","quantity":1}""", "The version of the service 'stock' on 'stock-1' has no method 'release'. That on stock-2 has it.")]
    [InlineData("stock/worker/sell", "{}", "The service 'stock' has no method 'sell'. registry/list_services lists its methods.")]
    public async Task A_call_to_a_node_without_its_method_is_told_so(string method, string parameters, string message)
    {
        var error = await ErrorAsync(method, parameters);

        Assert.Equal(-32601, error.GetProperty("code").GetInt32());
        Assert.Equal(message, error.GetProperty("message").GetString());
        Assert.Equal("unknown_method", error.GetProperty("data").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("stock/stock-2/reserve", """{"sku":"tea","quantity":3}""", "3 tea for nobody at 1")]
    [InlineData("stock/stock-2/reserve", """["tea",3]""", "3 tea for nobody at 1")]
    [InlineData("desk/desk-1/order", """{"target":"stock-2","sku":"tea","quantity":3}""", "3 tea for nobody at 1")]
    [InlineData("desk/desk-1/order", """{"target":"stock-1","sku":"tea","quantity":3}""", "3 tea")]
    public async Task An_older_caller_gets_the_defaults_of_what_it_does_not_know(string method, string parameters, string text) =>
        Assert.Equal(text, (await ResultAsync(method, parameters)).GetProperty("text").GetString());

    [Fact]
    public async Task A_newer_caller_that_sets_nothing_new_can_call_the_older_version_and_gets_the_defaults_of_what_its_result_lacks()
    {
        var reservation = await ResultAsync("desk/desk-2/order", """{"target":"stock-1","sku":"tea","quantity":3}""");

        Assert.Equal("3 tea", reservation.GetProperty("text").GetString());
        Assert.Equal("unknown", reservation.GetProperty("shelf").GetString());
    }

    [Theory]
    [InlineData("stock/worker/reserve", """{"sku":"tea","quantity":3,"customer":"Eve"}""")]
    [InlineData("stock/reserve", """["tea",3,"Eve"]""")]
    [InlineData("desk/desk-2/order", """{"target":"worker","sku":"tea","quantity":3,"customer":"Eve"}""")]
    public async Task A_call_that_sets_a_new_parameter_finds_a_node_that_knows_it(string method, string parameters)
    {
        for (var i = 0; i < Often; i++)
        {
            var reservation = await ResultAsync(method, parameters);
            Assert.Equal("3 tea for Eve at 1", reservation.GetProperty("text").GetString());
            Assert.Equal("stock-2", reservation.GetProperty("node_id").GetString());
        }
    }

    [Theory]
    [InlineData("stock/stock-1/reserve", """{"sku":"tea","quantity":3,"customer":"Eve"}""")]
    [InlineData("desk/desk-2/order", """{"target":"stock-1","sku":"tea","quantity":3,"customer":"Eve"}""")]
    public async Task A_new_parameter_that_is_set_is_refused_by_a_node_that_does_not_know_it(string method, string parameters)
    {
        var error = await ErrorAsync(method, parameters);

        Assert.Equal(-32602, error.GetProperty("code").GetInt32());
        Assert.Equal("stock/reserve has no parameter 'customer'. It takes sku (string), quantity (32-bit integer).", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("desk-1", "stock-1", "2 tea")]
    [InlineData("desk-1", "stock-2", "2 tea from unknown")]
    [InlineData("desk-2", "stock-1", "2 tea")]
    [InlineData("desk-2", "stock-2", "2 tea from India")]
    public async Task A_member_that_only_one_side_knows_is_passed_over_or_has_its_default(string desk, string stock, string delivered)
    {
        var parameters = desk == "desk-2" ? $$"""{"target":"{{stock}}","sku":"tea","quantity":2,"origin":"India"}""" : $$"""{"target":"{{stock}}","sku":"tea","quantity":2}""";

        Assert.Equal(delivered, (await ResultAsync($"desk/{desk}/deliver", parameters)).GetString());
    }

    [Fact]
    public async Task All_nodes_that_have_a_method_are_all_that_a_call_to_all_goes_to()
    {
        var answers = await ResultAsync("stock/@all:worker/audit", "{}");

        Assert.Equal("stock-1", Assert.Single(answers.EnumerateArray()).GetProperty("node_id").GetString());
    }

    [Fact]
    public async Task The_registry_lists_the_methods_of_each_version()
    {
        var services = (await cluster.Client.ResultAsync("registry/list_services")).EnumerateArray().ToDictionary(service => service.GetProperty("name").GetString()!);
        var nodes = services["stock"].GetProperty("nodes").EnumerateArray().ToDictionary(node => node.GetProperty("node_id").GetString()!, node => node.GetProperty("methods"));

        Assert.Equal(["audit", "ping", "release", "reserve", "take"], services["stock"].GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("name").GetString()));
        Assert.Equal(
            """{"audit":"(): string","ping":"(): Pong","reserve":"(sku: string, quantity: 32-bit integer): Reservation","take":"(delivery: Delivery): string"}""",
            nodes["stock-1"].GetRawText());
        Assert.Equal("(sku: string, quantity: 32-bit integer, customer?: string, priority?: 32-bit integer): Reservation", nodes["stock-2"].GetProperty("reserve").GetString());
        Assert.All(services["system"].GetProperty("nodes").EnumerateArray(), node => Assert.Equal(JsonValueKind.Null, node.GetProperty("methods").ValueKind));
    }

    [Fact]
    public async Task The_registry_says_why_a_node_gets_no_call()
    {
        var resolution = await cluster.Client.ResultAsync("registry/resolve", new { address = "stock/worker/release" });

        Assert.Equal("stock-2", resolution.GetProperty("node_id").GetString());
        var excluded = resolution.GetProperty("excluded").EnumerateArray().ToDictionary(node => node.GetProperty("node_id").GetString()!, node => node.GetProperty("reason").GetString());
        Assert.Equal("its version of the service has no method 'release'", excluded["stock-1"]);
    }

    [Fact]
    public async Task A_client_program_of_one_version_can_go_through_a_node_of_another()
    {
        var stock = Assert.Single(ServiceFolder.Load(MixedCluster.Services("One")), assembly => assembly.GetName().Name == "Stock");
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orrery:Nodes"] = $"127.0.0.1:{cluster.ClientPortOfTwo}" });
        builder.AddOrreryClient(stock);
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var proxy = host.Services.GetRequiredService<Proxy>();
        await host.Services.GetRequiredService<NodeRegistry>().WaitUntilAsync(known => known.Nodes.Count == 5, TestContext.Current.CancellationToken);

        Assert.Equal("all of it is on stock-1", await Audit("stock-1"));
        Assert.Equal("all of it is on stock-1", await Audit("worker"));
        Assert.Equal(RpcErrorReason.UnknownMethod, (await Assert.ThrowsAsync<RpcException>(() => Audit("stock-2"))).Reason);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Task<string> Audit(string target)
        {
            var contract = stock.GetType("Stock.IStock")!;
            var reference = typeof(Proxy).GetMethod(nameof(Proxy.Get))!.MakeGenericMethod(contract).Invoke(proxy, [target]);
            return (Task<string>)contract.GetMethod("Audit")!.Invoke(reference, [])!;
        }
    }

    private Task<JsonElement> ResultAsync(string method, string parameters) => cluster.Client.ResultAsync(method, JsonNode.Parse(parameters));

    private Task<JsonElement> ErrorAsync(string method, string parameters) => cluster.Client.ErrorAsync(method, JsonNode.Parse(parameters));
}
