using System.Text;
using System.Text.Json;

namespace Orrery.Gateway.Tests;

public sealed class EnvelopeTests(TwoNodeCluster cluster)
{
    private const string Call = """{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2],"id":1}""";

    [Theory]
    [InlineData("1")]
    [InlineData("-7")]
    [InlineData("0")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("1.50")]
    [InlineData("1e3")]
    [InlineData("\"\"")]
    [InlineData("\"a \\\"quoted\\\" \\u00e9 id\"")]
    [InlineData("\"ünïcödé 🚀\"")]
    [InlineData("null")]
    public async Task An_id_comes_back_exactly_as_it_was_written(string id)
    {
        var answer = await cluster.Client.SendAsync($$"""{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2],"id":{{id}}}""");
        var error = await cluster.Client.SendAsync($$"""{"jsonrpc":"2.0","method":"no/such","id":{{id}}}""");

        Assert.Equal($$"""{"jsonrpc":"2.0","result":3,"id":{{id}}}""", answer.Text);
        Assert.EndsWith($",\"id\":{id}}}", error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"id":true}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"id":[1]}""", "id")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"id":{}}""", "id")]
    [InlineData("""{"method":"calculator/sum","params":[1],"id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"1.0","method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":2.0,"method":"calculator/sum","id":1}""", "jsonrpc")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":null,"id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":["a"],"id":1}""", "method")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":3,"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":"1","id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":null,"id":1}""", "params")]
    [InlineData("""{"jsonrpc":"2.0","jsonrpc":"2.0","method":"calculator/sum","id":1}""", "jsonrpc is given twice")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","method":"system/get_system_info","id":1}""", "method is given twice")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"params":[2],"id":1}""", "params is given twice")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"id":1,"id":2}""", "id is given twice")]
    [InlineData("5", "request is an object")]
    [InlineData("\"text\"", "request is an object")]
    [InlineData("null", "request is an object")]
    [InlineData("{}", "jsonrpc")]
    public async Task JSON_that_is_no_request_is_refused_with_what_is_wrong(string body, string problem)
    {
        var answer = await cluster.Client.SendAsync(body);

        Assert.Equal((400, -32600, "invalid_request", "no"), (answer.Status, answer.Error.Code, answer.Error.Reason, answer.Error.Executed));
        Assert.Contains(problem, answer.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData(Call + Call)]
    [InlineData(Call + "x")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1,],"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[NaN],"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[01],"id":1}""")]
    [InlineData("""{'jsonrpc':'2.0','method':'calculator/sum','id':1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","id":1} // comment""")]
    [InlineData("""[{"jsonrpc":"2.0","method":"calculator/sum","id":1}""")]
    public async Task What_is_no_JSON_is_a_parse_error(string body)
    {
        var answer = await cluster.Client.SendAsync(body);

        Assert.Equal((400, -32700, "invalid_json"), (answer.Status, answer.Error.Code, answer.Error.Reason));
        Assert.Equal(JsonValueKind.Null, answer.Json.GetProperty("id").ValueKind);
    }

    [Fact]
    public async Task A_parse_error_says_where()
    {
        var answer = await cluster.Client.SendAsync("{\"jsonrpc\":\"2.0\",\n\"method\": oops}");

        Assert.Contains("line 2, byte 11", answer.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x22, 0xFF, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xC0, 0xAF, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xED, 0xA0, 0x80, 0x22 })]
    public async Task What_is_not_UTF_8_is_a_parse_error(byte[] text)
    {
        byte[] body = [.. "{\"jsonrpc\":\"2.0\",\"method\":\"echo/say\",\"params\":{\"n\":1,\"text\":"u8, .. text, .. "},\"id\":1}"u8];

        var answer = await cluster.Client.SendAsync(body);

        Assert.Equal((400, -32700), (answer.Status, answer.Error.Code));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"\ud800/sum","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"echo/say","params":{"text":"\ud800","n":1},"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"echo/say","params":{"\ud800":"a","n":1},"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"echo/say","\ud800":1,"id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"types/record","params":{"value":{"\udc00":1}},"id":1}""")]
    public async Task Half_a_surrogate_pair_is_the_callers_error(string body)
    {
        var answer = await cluster.Client.SendAsync(body);

        Assert.True(answer.Error.Code is -32700 or -32602 or -32601, answer.Text);
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over()
    {
        var answer = await cluster.Client.SendAsync([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Call)]);

        Assert.Equal("""{"jsonrpc":"2.0","result":3,"id":1}""", answer.Text);
    }

    [Fact]
    public async Task Members_that_JSON_RPC_does_not_define_are_ignored()
    {
        var answer = await cluster.Client.SendAsync("""{"trace":{"a":[1]},"jsonrpc":"2.0","method":"calculator/sum","params":[1,2],"id":1,"auth":null}""");

        Assert.Equal(3, answer.Json.GetProperty("result").GetInt32());
    }

    [Fact]
    public async Task A_method_may_be_written_with_escapes()
    {
        Assert.Equal("3", await cluster.Client.ResultAsync(@"\u0063alculator\/sum", "[1,2]"));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"calculator/sum","params":["wrong"]}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"trouble/break"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"no/such"}""")]
    [InlineData("""[{"jsonrpc":"2.0","method":"no/such"},{"jsonrpc":"2.0","method":"trouble/refuse"}]""")]
    public async Task A_notification_is_answered_with_nothing_whatever_came_of_it(string body)
    {
        var answer = await cluster.Client.SendAsync(body);

        Assert.Equal((204, 0), (answer.Status, answer.Body.Length));
    }

    [Fact]
    public async Task A_notification_is_carried_out()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","method":"trouble/wait_until_cancelled","params":["notified"]}"""));
        content.Headers.ContentType = new("application/json");
        var sending = cluster.Client.SendUntilAsync(content, System.Net.HttpVersion.Version11, null, giveUp.Token);

        await cluster.Signals.Seen("notified started");

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task The_answers_of_a_batch_come_in_the_order_of_its_requests()
    {
        var batch = Enumerable.Range(0, 100).Select(i => $$"""{"jsonrpc":"2.0","method":"echo/{{(i % 2 == 0 ? "gateway-1" : "worker-1")}}/say","params":["{{i}}",{{i}}],"id":{{i}}}""");

        var answer = await cluster.Client.SendAsync($"[{string.Join(',', batch)}]");

        Assert.Equal(200, answer.Status);
        Assert.Equal(Enumerable.Range(0, 100), answer.Json.EnumerateArray().Select(single => single.GetProperty("id").GetInt32()));
        Assert.All(answer.Json.EnumerateArray(), single => Assert.Equal(single.GetProperty("id").GetInt32() + 1, single.GetProperty("result").GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task A_batch_of_too_many_entries_is_refused_whole()
    {
        var answer = await cluster.Client.SendAsync($"[{string.Join(',', Enumerable.Repeat(Call, 101))}]");

        Assert.Equal((413, -32600, "batch_too_large"), (answer.Status, answer.Error.Code, answer.Error.Reason));
    }

    [Fact]
    public async Task Nesting_is_read_to_a_depth_and_no_further()
    {
        var deep = string.Concat(Enumerable.Repeat('[', 60)) + string.Concat(Enumerable.Repeat(']', 60));
        var tooDeep = string.Concat(Enumerable.Repeat('[', 100_000));

        var read = await cluster.Client.ResultAsync("types/json", $"{{\"value\":{deep}}}");
        var refused = await cluster.Client.SendAsync($$"""{"jsonrpc":"2.0","method":"types/json","params":{"value":{{tooDeep}}""");

        Assert.Equal(deep, read);
        Assert.Equal((400, -32700, "too_deep"), (refused.Status, refused.Error.Code, refused.Error.Reason));
    }
}
