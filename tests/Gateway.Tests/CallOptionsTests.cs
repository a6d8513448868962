using System.Net;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

/// <summary>What a caller says of a call beside its address and parameters.</summary>
public sealed class CallOptionsTests(TwoNodes nodes)
{
    private RpcClient Client => nodes.Client;

    [Theory]
    [InlineData("trouble")]
    [InlineData("trouble/worker-1")]
    public async Task A_caller_says_for_how_long_it_waits_in_a_header_or_for_each_call(string service)
    {
        var wait = $$"""{"jsonrpc":"2.0","method":"{{service}}/wait","params":{"name":"never"},"id":1""";

        var byHeader = await Client.PostAsync(wait + "}", "Orrery-Timeout-Ms", "50");
        var byMember = await Client.PostAsync(wait + ""","timeout_ms":50}""");
        var own = await Client.PostAsync(wait + ""","timeout_ms":50}""", "Orrery-Timeout-Ms", "3600000");
        var batch = await Client.PostAsync($$"""[{{wait}},"timeout_ms":50},{{RpcClient.Request("calculator/sum", "[1,2]", "2")}}]""");

        foreach (var reply in new[] { byHeader, byMember, own })
        {
            reply.Is(HttpStatusCode.OK, -32003, "deadline_exceeded");
            Assert.Equal("maybe", reply.Executed);
        }

        Assert.Equal(-32003, batch.Json[0].GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(3, batch.Json[1].GetProperty("result").GetInt32());
    }

    [Fact]
    public async Task An_answer_tells_how_it_came_about_to_whoever_asks()
    {
        var result = await Client.PostAsync("""{"jsonrpc":"2.0","method":"probe/worker-1/where","id":1,"trace":true}""");
        var error = await Client.PostAsync(RpcClient.Request("trouble/worker-1/break"), "Orrery-Trace", "true");
        var nowhere = await Client.PostAsync(RpcClient.Request("probe/worker-9/where"), "Orrery-Trace", "true");
        var batch = await Client.PostAsync($$"""[{{RpcClient.Request("calculator/sum", "[1,2]")}},{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"id":2,"trace":false}]""", "Orrery-Trace", "true");

        var trace = result.Json.GetProperty("trace");
        var attempt = Assert.Single(trace.GetProperty("attempts").EnumerateArray());
        Assert.Equal("worker-1", trace.GetProperty("node_id").GetString());
        Assert.Equal("worker-1", attempt.GetProperty("node_id").GetString());
        Assert.Equal("null", attempt.GetProperty("error").GetRawText());
        Assert.True(attempt.GetProperty("milliseconds").GetDouble() >= 0);
        Assert.Equal(error.Code, error.Json.GetProperty("trace").GetProperty("attempts")[0].GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal("null", nowhere.Json.GetProperty("trace").GetProperty("node_id").GetRawText());
        Assert.Equal(0, nowhere.Json.GetProperty("trace").GetProperty("attempts").GetArrayLength());
        Assert.True(batch.Json[0].TryGetProperty("trace", out _));
        Assert.False(batch.Json[1].TryGetProperty("trace", out _));
    }

    [Fact]
    public async Task Nobody_who_does_not_ask_is_told()
    {
        var reply = await Client.PostAsync(RpcClient.Request("calculator/sum", "[1,2]"));

        Assert.Equal("""{"jsonrpc":"2.0","result":3,"id":1}""", reply.Text);
    }

    [Theory]
    [InlineData("Orrery-Timeout-Ms", "0")]
    [InlineData("Orrery-Timeout-Ms", "-1")]
    [InlineData("Orrery-Timeout-Ms", "1.5")]
    [InlineData("Orrery-Timeout-Ms", "3600001")]
    [InlineData("Orrery-Timeout-Ms", "99999999999999999999")]
    [InlineData("Orrery-Timeout-Ms", "soon")]
    [InlineData("Orrery-Timeout-Ms", "")]
    [InlineData("Orrery-Trace", "1")]
    [InlineData("Orrery-Trace", "")]
    public async Task A_header_that_says_nothing_is_an_invalid_request(string name, string value)
    {
        var reply = await Client.PostAsync(RpcClient.Request("calculator/sum", "[1,2]"), name, value);

        reply.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Contains(name, reply.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"timeout_ms\":0", "timeout_ms")]
    [InlineData("\"timeout_ms\":-1", "timeout_ms")]
    [InlineData("\"timeout_ms\":1.5", "timeout_ms")]
    [InlineData("\"timeout_ms\":1e99", "timeout_ms")]
    [InlineData("\"timeout_ms\":3600001", "timeout_ms")]
    [InlineData("\"timeout_ms\":\"50\"", "timeout_ms")]
    [InlineData("\"timeout_ms\":null", "timeout_ms")]
    [InlineData("\"timeout_ms\":5,\"timeout_ms\":5", "timeout_ms")]
    [InlineData("\"trace\":1", "trace")]
    [InlineData("\"trace\":\"true\"", "trace")]
    [InlineData("\"trace\":true,\"trace\":true", "trace")]
    public async Task A_member_that_says_nothing_is_an_invalid_request_and_in_a_batch_that_entry(string member, string name)
    {
        var request = $$"""{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2],"id":1,{{member}}}""";

        var reply = await Client.PostAsync(request);
        var batch = await Client.PostAsync($"[{request},{RpcClient.Request("calculator/sum", "[1,2]", "2")}]");

        reply.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Contains(name, reply.Message, StringComparison.Ordinal);
        Assert.Equal(-32600, batch.Json[0].GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(3, batch.Json[1].GetProperty("result").GetInt32());
    }
}
