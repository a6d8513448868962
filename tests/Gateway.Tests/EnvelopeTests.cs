using System.Net;
using System.Text;
using System.Text.Json;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class EnvelopeTests(TwoNodes nodes)
{
    private const string Valid = """{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2,4],"id":1}""";

    private RpcClient Client => nodes.Client;

    public static TheoryData<string> Ids =>
    [
        "1", "0", "-1", "-0", "9007199254740993", "9223372036854775808", "-123456789012345678901234567890", "1.5", "1.0", "1e3", "-2.5E+400",
        "\"\"", "\"1\"", "\"a b\"", "\"\\u0061\\\"\\\\\\/\\n\\u0000\"", "\"žluťoučký 🐎\"", "\"\\ud83d\\udc0e\"", "\"\\ud800\"", "null",
    ];

    public static TheoryData<string> NotUtf8 => ["ff", "22c328", "22eda08022", "22f4908080", "c0af"];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Id_is_echoed_as_it_was_written(string id)
    {
        var result = await Client.PostAsync(RpcClient.Request("calculator/sum", "[1,2]", id));
        var error = await Client.PostAsync(RpcClient.Request("no_such/method", null, id));
        var batch = await Client.PostAsync($"[ {RpcClient.Request("calculator/sum", "[1,2]", $" {id} ")} ]");

        Assert.Equal($$"""{"jsonrpc":"2.0","result":3,"id":{{id}}}""", result.Text);
        Assert.Equal(-32601, error.Code);
        Assert.Equal(id, error.Id);
        Assert.Equal($$"""[{"jsonrpc":"2.0","result":3,"id":{{id}}}]""", batch.Text);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public async Task Id_of_another_type_is_an_invalid_request(string id)
    {
        var reply = await Client.PostAsync(RpcClient.Request("calculator/sum", "[1,2]", id));

        reply.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Equal("null", reply.Id);
        Assert.Contains("id", reply.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"1.0","method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"2.00","method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":2.0,"method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":null,"method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"JSONRPC":"2.0","method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":1,"id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":null,"id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":["calculator/sum"],"id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":1,"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":null,"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":"[1,2]","id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":true,"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","jsonrpc":"2.0","method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","method":"calculator/sum","id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[],"params":[],"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[],"p\u0061rams":[],"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","id":1,"id":1}""", "id")]
    public async Task Request_that_breaks_a_rule_is_refused_by_the_name_of_the_member(string request, string member)
    {
        var single = await Client.PostAsync(request);
        var batch = await Client.PostAsync($"[{request},{Valid}]");

        single.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Contains(member, single.Message, StringComparison.Ordinal);
        Assert.Equal("1", single.Id);
        Assert.Equal(HttpStatusCode.OK, batch.Status);
        Assert.Equal($$"""[{{single.Text}},{"jsonrpc":"2.0","result":7,"id":1}]""", batch.Text);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[[]]")]
    public async Task Json_that_is_no_request_is_an_invalid_request_without_id(string body)
    {
        var reply = await Client.PostAsync(body);

        var answer = reply.Json.ValueKind is JsonValueKind.Array ? reply.Json[0] : reply.Json;
        Assert.Equal(-32600, answer.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("id").ValueKind);
    }

    [Theory]
    [InlineData("""{"x":1,"jsonrpc":"2.0","method":"calculator/sum","params":[3],"id":1,"":{"id":2}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[3],"id":1,"x":[{"id":3}],"x":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[3],"id":1,"result":0,"ID":7}""")]
    [InlineData("""{"\u006asonrpc":"2\u002e0","m\u0065thod":"calculator\u002fsum","params":[3],"\u0069d":1}""")]
    public async Task Members_that_json_rpc_does_not_define_are_ignored_and_escapes_are_read(string request)
    {
        var reply = await Client.PostAsync(request);

        Assert.Equal("""{"jsonrpc":"2.0","result":3,"id":1}""", reply.Text);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/worker-1/sum","params":[1]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":["one"]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"trouble/break","params":["secret"]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"trouble/worker-1/refuse","params":["no"]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"fragile/touch"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"no_such/method"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/no-such-node/sum"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"rpc.discover"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":""}""")]
    public async Task Notification_is_never_answered_whatever_comes_of_it(string request)
    {
        var single = await Client.PostAsync(request);
        var batch = await Client.PostAsync($"[{request},{request}]");
        var mixed = await Client.PostAsync($"[{request},{Valid},{request}]");

        Assert.Equal((HttpStatusCode.NoContent, ""), (single.Status, single.Text));
        Assert.Equal((HttpStatusCode.NoContent, ""), (batch.Status, batch.Text));
        Assert.Equal("""[{"jsonrpc":"2.0","result":7,"id":1}]""", mixed.Text);
    }

    [Fact]
    public async Task Notification_is_carried_out()
    {
        await Client.PostAsync("""{"jsonrpc":"2.0","method":"trouble/worker-1/signal","params":["notified"]}""");
        await Client.PostAsync("""[{"jsonrpc":"2.0","method":"trouble/signal","params":["notified in a batch"]}]""");

        await nodes.Scope.Signals.Seen("notified");
        await nodes.Scope.Signals.Seen("notified in a batch");
    }

    [Fact]
    public async Task Entries_of_a_batch_run_at_the_same_time()
    {
        var wait = RpcClient.Request("trouble/wait_for", """["the next entry"]""");
        var signal = RpcClient.Request("trouble/signal", """["the next entry"]""", "2");

        var reply = await Client.PostAsync($"[{wait},{signal}]");

        Assert.Equal("""[{"jsonrpc":"2.0","result":null,"id":1},{"jsonrpc":"2.0","result":null,"id":2}]""", reply.Text);
    }

    [Fact]
    public async Task Batch_of_the_most_entries_is_answered_and_one_more_is_refused()
    {
        var most = await Client.PostAsync($"[{string.Join(',', Enumerable.Repeat(Valid, 100))}]");
        var more = await Client.PostAsync($"[{string.Join(',', Enumerable.Repeat(Valid, 101))}]");
        var manyWrong = await Client.PostAsync($"[{string.Join(',', Enumerable.Repeat("1", 101))}]");

        Assert.Equal(100, most.Json.GetArrayLength());
        more.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "batch_too_large");
        manyWrong.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "batch_too_large");
        Assert.Contains("100", more.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rpc.discover")]
    [InlineData("rpc.")]
    [InlineData("rpc.x/y")]
    [InlineData("\\u0072pc.discover")]
    public async Task Reserved_names_are_not_found(string method)
    {
        var reply = await Client.CallAsync(method);

        reply.Is(HttpStatusCode.OK, -32601, "reserved_name");
    }

    [Theory]
    [InlineData("calculator\\/sum")]
    [InlineData("calculator\\u002Fworker-1\\/sum")]
    [InlineData("\\u0063\\u0061\\u006c\\u0063\\u0075\\u006c\\u0061\\u0074\\u006f\\u0072\\u002f\\u0067\\u0061\\u0074\\u0065\\u0077\\u0061\\u0079\\u002d\\u0031\\u002f\\u0073\\u0075\\u006d")]
    [InlineData("\\u0063\\u0061\\u006c\\u0063\\u0075\\u006c\\u0061\\u0074\\u006f\\u0072\\u002f\\u0063\\u006f\\u006f\\u0072\\u0064\\u0069\\u006e\\u0061\\u0074\\u006f\\u0072\\u002f\\u0073\\u0075\\u006d")]
    public async Task Escapes_in_an_address_mean_the_characters(string method)
    {
        var reply = await Client.CallAsync(method, "[3]");

        Assert.Equal("3", reply.Result.GetRawText());
    }

    [Fact]
    public async Task Address_of_escapes_only_is_read_up_to_its_full_length()
    {
        var address = $"calculator/{new string('x', 240)}/sum";
        var escaped = string.Concat(address.Select(character => $"\\u{(int)character:x4}"));

        var reply = await Client.CallAsync(escaped);

        reply.Is(HttpStatusCode.OK, -32001, "unknown_node");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("calculator")]
    [InlineData("calculator/")]
    [InlineData("/sum")]
    [InlineData("calculator//sum")]
    [InlineData("a/b/c/d")]
    [InlineData("\\ud800")]
    [InlineData("calculator/\\udfff/sum")]
    public async Task Malformed_addresses_are_not_found(string method)
    {
        var reply = await Client.CallAsync(method);

        reply.Is(HttpStatusCode.OK, -32601, "malformed_address");
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"\udc00abcd":1}""")]
    [InlineData("""{"valu\ud800":1}""")]
    [InlineData("""{"value":"\ud800"}""")]
    [InlineData("""{"value":{"\ud800":"\udfff"}}""")]
    [InlineData("""["\ud800"]""")]
    public async Task Half_surrogate_pairs_in_parameters_are_invalid_parameters(string parameters)
    {
        foreach (var method in (string[])["probe/take_string", "probe/worker-1/take_string", "probe/take_order", "probe/take_shade", "probe/take_uuid"])
        {
            var reply = await Client.CallAsync(method, parameters);

            Assert.True(reply.Code == -32602, $"{method}: {reply}");
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[3],"id":1,"\ud800":"\udc00"}""")]
    [InlineData("""{"jsonrp\ud800":1,"jsonrpc":"2.0","method":"calculator/sum","params":[3],"id":1}""")]
    [InlineData("""{"m\ud800":1,"jsonrpc":"2.0","method":"calculator/sum","params":[3],"id":1}""")]
    [InlineData("""{"jsonrpc":"2\ud800","method":"calculator/sum","params":[3],"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"trouble/refuse","params":["\ud800"],"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"probe/take_dictionary","params":[{"\ud800":1}],"id":1}""")]
    public async Task Half_surrogate_pairs_anywhere_are_the_callers_own_mistake_at_worst(string request)
    {
        var single = await Client.PostAsync(request);
        var batch = await Client.PostAsync($"[{request}]");

        Assert.True((int)single.Status < 500 && !single.Text.Contains("-32603", StringComparison.Ordinal), single.ToString());
        Assert.True((int)batch.Status < 500 && !batch.Text.Contains("-32603", StringComparison.Ordinal), batch.ToString());
    }

    [Fact]
    public async Task Byte_order_mark_is_passed_over()
    {
        var reply = await Client.PostAsync([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Valid)]);

        Assert.Equal("""{"jsonrpc":"2.0","result":7,"id":1}""", reply.Text);
    }

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public async Task Bytes_that_are_not_utf8_are_a_parse_error(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var alone = await Client.PostAsync(bytes);
        var inside = await Client.PostAsync([.. """{"jsonrpc":"2.0","method":"""u8, .. bytes, .. ""","id":1}"""u8]);

        alone.Is(HttpStatusCode.BadRequest, -32700, "invalid_json");
        inside.Is(HttpStatusCode.BadRequest, -32700, "invalid_json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \r\n\t ")]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("{\"jsonrpc\":\"2.0\",}")]
    [InlineData("{'jsonrpc':'2.0'}")]
    [InlineData("{jsonrpc:\"2.0\"}")]
    [InlineData("/* comment */ {}")]
    [InlineData("{} // comment")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("[]]")]
    [InlineData("[1,]")]
    [InlineData("NaN")]
    [InlineData("[Infinity]")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("1.")]
    [InlineData("\"\n\"")]
    [InlineData("\"\\x\"")]
    [InlineData("\u00a0{}")]
    public async Task Text_that_is_not_json_is_a_parse_error(string body)
    {
        var reply = await Client.PostAsync(body);

        reply.Is(HttpStatusCode.BadRequest, -32700, "invalid_json");
        Assert.Equal("null", reply.Id);
    }

    [Theory]
    [InlineData(" x")]
    [InlineData(Valid)]
    [InlineData(",")]
    [InlineData("]")]
    public async Task Nothing_is_called_when_something_follows_the_request(string trailing)
    {
        var name = $"called in spite of {trailing}";
        var reply = await Client.PostAsync(RpcClient.Request("trouble/signal", $"[{JsonSerializer.Serialize(name)}]") + trailing);

        reply.Is(HttpStatusCode.BadRequest, -32700, "invalid_json");
        Assert.False(nodes.Scope.Signals.Seen(name).IsCompleted);
    }

    [Fact]
    public async Task Nesting_is_read_up_to_the_limit_and_refused_beyond()
    {
        var most = await Client.CallAsync("probe/take_any", Nested(63));
        var more = await Client.CallAsync("probe/take_any", Nested(64));
        var far = await Client.CallAsync("probe/take_any", Nested(100_000));
        var unclosed = await Client.PostAsync(new string('[', 100_000));
        var ignored = await Client.PostAsync($$"""{"jsonrpc":"2.0","method":"probe/where","id":1,"x":{{Nested(64)}}}""");

        Assert.Equal(Nested(62), most.Result.GetRawText());
        more.Is(HttpStatusCode.BadRequest, -32700, "too_deep");
        far.Is(HttpStatusCode.BadRequest, -32700, "too_deep");
        unclosed.Is(HttpStatusCode.BadRequest, -32700, "too_deep");
        ignored.Is(HttpStatusCode.BadRequest, -32700, "too_deep");
    }

    [Fact]
    public async Task Mistake_at_the_deepest_level_is_a_parse_error_like_any_other()
    {
        var opened = await Client.PostAsync($"{new string('[', 64)}x");
        var between = await Client.PostAsync($"{new string('[', 64)}1 2");
        var closed = await Client.PostAsync($"{new string('[', 64)}}}");

        Assert.All([opened, between, closed], reply => reply.Is(HttpStatusCode.BadRequest, -32700, "invalid_json"));
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
