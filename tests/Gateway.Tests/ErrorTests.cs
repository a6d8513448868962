using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;
using Orrery.Rpc.Registry;

namespace Orrery.Gateway.Tests;

public sealed partial class ErrorTests(TwoNodes nodes)
{
    private const string Secret = "the-secret-of-the-service";

    private RpcClient Client => nodes.Client;

    /// <summary>A body, then what it comes to: status, code, reason, executed, retryable.</summary>
    public static TheoryData<string, HttpStatusCode, int, string, string, bool> Errors => new()
    {
        { "{", HttpStatusCode.BadRequest, -32700, "invalid_json", "no", false },
        { new string('[', 100), HttpStatusCode.BadRequest, -32700, "too_deep", "no", false },
        { "{}", HttpStatusCode.BadRequest, -32600, "invalid_request", "no", false },
        { "[]", HttpStatusCode.BadRequest, -32600, "invalid_request", "no", false },
        { RpcClient.Request("probe"), HttpStatusCode.OK, -32601, "malformed_address", "no", false },
        { RpcClient.Request("rpc.where"), HttpStatusCode.OK, -32601, "reserved_name", "no", false },
        { RpcClient.Request("no_such/where"), HttpStatusCode.OK, -32601, "unknown_service", "no", false },
        { RpcClient.Request("Probe/where"), HttpStatusCode.OK, -32601, "unknown_service", "no", false },
        { RpcClient.Request("probe/no_such"), HttpStatusCode.OK, -32601, "unknown_method", "no", false },
        { RpcClient.Request("probe/worker-1/Where"), HttpStatusCode.OK, -32601, "unknown_method", "no", false },
        { RpcClient.Request("trouble/private"), HttpStatusCode.OK, -32601, "method_not_public", "no", false },
        { RpcClient.Request("greeter/worker-1/whisper", "[\"x\"]"), HttpStatusCode.OK, -32601, "method_not_public", "no", false },
        { RpcClient.Request("probe/take_int"), HttpStatusCode.OK, -32602, "missing_parameter", "no", false },
        { RpcClient.Request("probe/worker-1/take_int", "[1,2]"), HttpStatusCode.OK, -32602, "too_many_parameters", "no", false },
        { RpcClient.Request("probe/take_int", "[true]"), HttpStatusCode.OK, -32602, "wrong_type", "no", false },
        { RpcClient.Request("trouble/refuse_parameter", "[3]"), HttpStatusCode.OK, -32602, "invalid_parameter", "yes", false },
        { RpcClient.Request("trouble/break", $"[\"{Secret}\"]"), HttpStatusCode.OK, -32603, "internal_error", "yes", false },
        { RpcClient.Request("trouble/worker-1/break", $"[\"{Secret}\"]"), HttpStatusCode.OK, -32603, "internal_error", "yes", false },
        { RpcClient.Request("trouble/worker-1/break_later", $"[\"{Secret}\"]"), HttpStatusCode.OK, -32603, "internal_error", "yes", false },
        { RpcClient.Request("fragile/touch"), HttpStatusCode.OK, -32603, "internal_error", "no", false },
        { RpcClient.Request("fragile/worker-1/touch"), HttpStatusCode.OK, -32603, "internal_error", "no", false },
        { RpcClient.Request("trouble/refuse", "[\"Not today.\"]"), HttpStatusCode.OK, -32000, "service_error", "yes", false },
        { RpcClient.Request("trouble/worker-1/refuse_with_code", "[42,\"Not today.\",\"Come back.\"]"), HttpStatusCode.OK, 42, "service_error", "yes", false },
        { RpcClient.Request("trouble/call_unknown_node"), HttpStatusCode.OK, -32001, "unknown_node", "yes", false },
        { RpcClient.Request("probe/no-such-node/where"), HttpStatusCode.OK, -32001, "unknown_node", "no", false },
        { RpcClient.Request("probe/WORKER-1/where"), HttpStatusCode.OK, -32001, "unknown_node", "no", false },
        { RpcClient.Request("edge/worker-1/where"), HttpStatusCode.OK, -32001, "service_not_on_node", "no", false },
        { RpcClient.Request("edge/batch/where"), HttpStatusCode.OK, -32001, "no_node_of_role", "no", true },
    };

    public static IEnumerable<TheoryDataRow<string>> Bodies => Errors.Select(row => new TheoryDataRow<string>(row.Data.Item1));

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Error_has_its_status_code_and_data(string body, HttpStatusCode status, int code, string reason, string executed, bool retryable)
    {
        var reply = await Client.PostAsync(body);

        reply.Is(status, code, reason);
        Assert.Equal((executed, retryable), (reply.Executed, reply.Retryable));
        Assert.Equal(["jsonrpc", "error", "id"], reply.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["code", "message", "data"], reply.Error.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Message_is_for_people_and_shows_nothing_of_the_inside(string body)
    {
        var reply = await Client.PostAsync(body);

        Assert.Matches(@"^\S.*[.]\z", reply.Message);
        Assert.DoesNotMatch(Internals(), reply.Text);
        Assert.DoesNotContain("secret", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Error_in_a_batch_is_the_same(string body)
    {
        if (!body.StartsWith("""{"jsonrpc""", StringComparison.Ordinal))
        {
            return;
        }

        var single = await Client.PostAsync(body);
        var batch = await Client.PostAsync($"[{body}]");

        Assert.Equal(HttpStatusCode.OK, batch.Status);
        Assert.Equal(WithoutTraceId(single.Text), WithoutTraceId(batch.Json[0].GetRawText()));
    }

    [Theory]
    [InlineData("trouble/break")]
    [InlineData("trouble/worker-1/break")]
    [InlineData("trouble/break_later")]
    [InlineData("fragile/touch")]
    [InlineData("fragile/worker-1/touch")]
    public async Task Trace_id_of_an_unexpected_error_leads_to_its_text_in_the_log(string method)
    {
        var reply = await Client.CallAsync(method, method.StartsWith("fragile", StringComparison.Ordinal) ? null : $"[\"{Secret}\"]");

        var traceId = reply.Data.GetProperty("trace_id").GetString()!;
        Assert.Matches("^[0-9a-f]{32}\\z", traceId);
        Assert.Contains(traceId, reply.Message, StringComparison.Ordinal);
        Assert.Contains(nodes.Scope.Errors.Errors, error => error.Contains(traceId, StringComparison.Ordinal) && error.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("trouble/refuse_with_code")]
    [InlineData("trouble/worker-1/refuse_with_code")]
    public async Task Own_error_of_a_service_arrives_with_its_code_message_and_details(string method)
    {
        var reply = await Client.CallAsync(method, """[1234,"Sold out.","Try 🐎 later."]""");

        Assert.Equal((1234, "Sold out."), (reply.Code, reply.Message));
        Assert.Equal("Try 🐎 later.", reply.Data.GetProperty("details").GetProperty("hint").GetString());
    }

    [Fact]
    public async Task Code_that_is_not_a_services_to_use_is_an_unexpected_error()
    {
        var reply = await Client.CallAsync("trouble/refuse_with_code", """[-32601,"Not me.","x"]""");

        reply.Is(HttpStatusCode.OK, -32603, "internal_error");
    }

    [Fact]
    public async Task Parameter_that_a_service_refuses_is_named()
    {
        var reply = await Client.CallAsync("trouble/refuse_parameter", "[3]");

        Assert.Equal("3 is odd. Give an even number.", reply.Message);
        Assert.Equal("value", reply.Data.GetProperty("details").GetProperty("parameter").GetString());
    }

    [Theory]
    [InlineData("trouble/nothing")]
    [InlineData("trouble/null")]
    [InlineData("trouble/worker-1/nothing")]
    [InlineData("trouble/worker-1/null")]
    public async Task No_result_is_null(string method)
    {
        var reply = await Client.CallAsync(method);

        Assert.Equal("""{"jsonrpc":"2.0","result":null,"id":1}""", reply.Text);
    }

    [Fact]
    public async Task Long_address_is_not_repeated_in_full()
    {
        var address = await Client.CallAsync(new string('x', 100_000));
        var service = await Client.CallAsync($"{new string('x', 200)}/where");
        var node = await Client.CallAsync($"probe/{new string('x', 200)}/where");

        Assert.Equal((-32601, -32601, -32001), (address.Code, service.Code, node.Code));
        Assert.All([address, service, node], reply => Assert.InRange(reply.Body.Length, 1, 500));
    }

    [Fact]
    public async Task Method_that_is_not_done_in_time_is_answered_with_the_deadline_and_cancelled()
    {
        // Whoever is to be stopped in a method must be in it in time: the first call of all takes the longest.
        await Client.CallAsync("trouble/nothing");

        var reply = await Client.PostAsync("""{"jsonrpc":"2.0","method":"trouble/wait","params":["hurried"],"id":1,"timeout_ms":1000}""");

        reply.Is(HttpStatusCode.OK, -32003, "deadline_exceeded");
        Assert.Equal(("maybe", false), (reply.Executed, reply.Retryable));
        await nodes.Scope.Signals.Seen("hurried cancelled");
    }

    [Fact]
    public async Task Service_whose_only_node_has_left_is_not_found()
    {
        var visitor = await SiloNode.StartAsync(nodes.Scope, "visitor-1", "visitor");
        await nodes.Gateway.Registry.WaitUntilAsync(registry => registry.Nodes.Any(node => node is { NodeId: "visitor-1", Status: NodeStatus.Alive }), TestContext.Current.CancellationToken);
        var present = await Client.CallAsync("visit/visitor/where");
        await visitor.DisposeAsync();
        await nodes.Gateway.Registry.WaitUntilAsync(registry => registry.Nodes.All(node => node.NodeId != "visitor-1"), TestContext.Current.CancellationToken);
        var service = await Client.CallAsync("visit/where");
        var node = await Client.CallAsync("visit/visitor-1/where");

        Assert.Equal("visitor-1", present.Result.GetString());
        service.Is(HttpStatusCode.OK, -32001, "no_node_hosts_service");
        Assert.True(service.Retryable);
        node.Is(HttpStatusCode.OK, -32001, "unknown_node");
    }

    private static string WithoutTraceId(string text) => TraceId().Replace(text, "…");

    [GeneratedRegex(@"Exception|System\.|Orleans|Orrery\.|Grain|\bat [A-Z]\w+\.|/tmp|\.cs\b|`1")]
    private static partial Regex Internals();

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex TraceId();
}
