using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class HttpTests(TwoNodes nodes)
{
    private const string Request = """{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2,4],"id":1}""";
    private const string Answer = """{"jsonrpc":"2.0","result":7,"id":1}""";
    private const int MaxBodyBytes = 4 * 1024 * 1024;

    private RpcClient Client => nodes.Client;

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("AVERYLONGMETHODTHATNOBODYKNOWS")]
    public async Task Any_method_but_post_is_refused_with_the_one_to_use(string method)
    {
        var reply = await Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), (Uri?)null));

        reply.Is(HttpStatusCode.MethodNotAllowed, -32600, "http_method_not_allowed");
        Assert.Equal("POST", reply.Headers["Allow"]);
        Assert.Contains("POST", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_is_refused_without_a_body()
    {
        var reply = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, (Uri?)null));

        Assert.Equal((HttpStatusCode.MethodNotAllowed, ""), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/json")]
    [InlineData("application/jsonp")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    public async Task Body_that_is_not_declared_as_json_is_refused_with_the_header_to_send(string? contentType)
    {
        var name = $"sent as {contentType}";
        var reply = await Client.PostAsync(Encoding.UTF8.GetBytes(RpcClient.Request("trouble/signal", $"[\"{name}\"]")), contentType);

        reply.Is(HttpStatusCode.UnsupportedMediaType, -32600, "unsupported_content_type");
        Assert.Contains("Content-Type: application/json", reply.Message, StringComparison.Ordinal);
        Assert.False(nodes.Scope.Signals.Seen(name).IsCompleted);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    [InlineData("Application/JSON")]
    [InlineData("application/json-rpc")]
    [InlineData("application/jsonrequest")]
    public async Task Body_that_is_declared_as_json_is_read(string contentType)
    {
        var reply = await Client.PostAsync(Encoding.UTF8.GetBytes(Request), contentType);

        Assert.Equal((HttpStatusCode.OK, Answer, "application/json"), (reply.Status, reply.Text, reply.ContentType));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    public async Task Compressed_body_is_refused(string encoding)
    {
        var content = new ByteArrayContent([0x1f, 0x8b, 0x08]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.Add("Content-Encoding", encoding);

        var reply = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, (Uri?)null) { Content = content });

        reply.Is(HttpStatusCode.UnsupportedMediaType, -32600, "unsupported_content_type");
        Assert.Contains("Content-Encoding", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browser_sees_a_page()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, (Uri?)null);
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");

        var reply = await Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.Contains("curl --json", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_2_with_prior_knowledge_answers_the_same()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, (Uri?)null)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(Request, Encoding.UTF8, "application/json"),
        };

        var reply = await Client.SendAsync(request);

        Assert.Equal(Answer, reply.Text);
    }

    [Fact]
    public async Task Body_of_the_most_bytes_is_read_and_one_more_is_refused()
    {
        var most = Encoding.UTF8.GetBytes(Request.PadRight(MaxBodyBytes));
        var read = await Client.PostAsync(most);
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendHeadAsync($"Content-Length: {MaxBodyBytes + 1}");
        var refused = await connection.ReadAsync();

        Assert.Equal(Answer, read.Text);
        refused.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "body_too_large");
        Assert.Contains($"{MaxBodyBytes}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunked_body_is_refused_as_soon_as_it_is_over_the_limit()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendHeadAsync("Transfer-Encoding: chunked");
        await connection.SendAsync($"{MaxBodyBytes + 1:x}\r\n{new string(' ', MaxBodyBytes + 1)}");

        var refused = await connection.ReadAsync();

        refused.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "body_too_large");
        Assert.Equal("close", refused.Headers["Connection"]);
    }

    [Fact]
    public async Task Connection_goes_on_after_a_refusal_that_did_not_read_the_body()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendAsync(connection.Request(Request).Replace("application/json", "text/plain", StringComparison.Ordinal));
        await connection.SendAsync(connection.Request(Request));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await connection.ReadAsync()).Status);
        Assert.Equal(Answer, (await connection.ReadAsync()).Text);
    }

    [Fact]
    public async Task Client_that_expects_100_is_told_to_continue()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendHeadAsync($"Content-Length: {Request.Length}", "Expect: 100-continue");
        var interim = await connection.ReadAsync();
        await connection.SendAsync(Request);

        Assert.Equal(HttpStatusCode.Continue, interim.Status);
        Assert.Equal(Answer, (await connection.ReadAsync()).Text);
    }

    [Fact]
    public async Task Client_that_expects_100_is_refused_before_it_sends_too_much()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendHeadAsync($"Content-Length: {MaxBodyBytes + 1}", "Expect: 100-continue");

        (await connection.ReadAsync()).Is(HttpStatusCode.RequestEntityTooLarge, -32600, "body_too_large");
    }

    [Fact]
    public async Task Chunked_body_is_read()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendHeadAsync("Transfer-Encoding: chunked");
        foreach (var chunk in Request.Chunk(7))
        {
            await connection.SendAsync($"{chunk.Length:x}\r\n{new string(chunk)}\r\n");
        }

        await connection.SendAsync("0\r\n\r\n");

        Assert.Equal(Answer, (await connection.ReadAsync()).Text);
    }

    [Fact]
    public async Task Request_that_comes_one_byte_at_a_time_is_answered()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        foreach (var single in Encoding.UTF8.GetBytes(connection.Request(Request)))
        {
            await connection.SendAsync([single]);
        }

        Assert.Equal(Answer, (await connection.ReadAsync()).Text);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        var requests = Enumerable.Range(0, 50).Select(n => connection.Request(RpcClient.Request(n % 2 == 0 ? "probe/take_int" : "probe/worker-1/take_int", $"[{n}]", $"{n}")));
        await connection.SendAsync(string.Concat(requests));

        for (var n = 0; n < 50; n++)
        {
            Assert.Equal($$"""{"jsonrpc":"2.0","result":{{n}},"id":{{n}}}""", (await connection.ReadAsync()).Text);
        }
    }

    [Theory]
    [InlineData("echo/say", "1.1")]
    [InlineData("echo/worker-1/say", "1.1")]
    [InlineData("echo/say", "2.0")]
    public async Task Text_of_mebibytes_goes_there_and_back(string method, string version)
    {
        using var client = new RpcClient(nodes.Gateway.Address) { Version = Version.Parse(version) };
        var text = string.Concat(Enumerable.Range(0, 3 << 17).Select(n => $"{n % 10_000_000:d7} "));

        var reply = await client.CallAsync(method, $$"""{"text":"{{text}}","n":1}""");

        Assert.Equal(3 << 20, text.Length);
        Assert.True(reply.Result.GetProperty("text").ValueEquals(text));
    }

    [Fact]
    public async Task Answer_may_be_larger_than_a_request()
    {
        var reply = await Client.CallAsync("trouble/worker-1/big", "[8388608]");

        Assert.Equal(8 << 20, reply.Result.GetString()!.Length);
    }

    [Theory]
    [InlineData("trouble/wait")]
    [InlineData("trouble/worker-1/wait")]
    public async Task Client_that_leaves_in_a_call_cancels_it(string method)
    {
        var name = $"left {method}";
        await using (var connection = await RawConnection.OpenAsync(nodes.Gateway.Address))
        {
            await connection.SendAsync(connection.Request(RpcClient.Request(method, JsonSerializer.Serialize(new[] { name }))));
            await nodes.Scope.Signals.Seen($"{name} started");
            connection.Reset();
        }

        await nodes.Scope.Signals.Seen($"{name} cancelled");
        Assert.Equal(Answer, (await Client.PostAsync(Request)).Text);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Client_that_gives_a_call_up_cancels_it(string version)
    {
        var name = $"given up with HTTP/{version}";
        using var http = new HttpClient { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var content = new StringContent(RpcClient.Request("trouble/worker-1/wait", $"[\"{name}\"]"), Encoding.UTF8, "application/json");
        var call = http.PostAsync(nodes.Gateway.Address, content, giveUp.Token);
        await nodes.Scope.Signals.Seen($"{name} started");
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await nodes.Scope.Signals.Seen($"{name} cancelled");
    }

    [Fact]
    public async Task Client_that_leaves_in_a_batch_cancels_its_calls_but_not_its_notifications()
    {
        await using (var connection = await RawConnection.OpenAsync(nodes.Gateway.Address))
        {
            await connection.SendAsync(connection.Request("""
                [
                  {"jsonrpc":"2.0","method":"trouble/wait","params":["left in a batch"],"id":1},
                  {"jsonrpc":"2.0","method":"trouble/signal_after","params":["signalled though left","left in a batch cancelled"]}
                ]
                """));
            await nodes.Scope.Signals.Seen("left in a batch started");
            connection.Reset();
        }

        await nodes.Scope.Signals.Seen("left in a batch cancelled");
        await nodes.Scope.Signals.Seen("signalled though left");
    }

    [Fact]
    public async Task Clients_that_leave_in_a_body_harm_nobody()
    {
        for (var length = 0; length < Request.Length; length += 10)
        {
            await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
            await connection.SendAsync(connection.Request(Request)[..^(Request.Length - length)]);
            connection.Reset();

            Assert.Equal(Answer, (await Client.PostAsync(Request)).Text);
        }
    }

    [Fact]
    public async Task Clients_that_never_finish_a_body_hold_up_nobody()
    {
        await using var slow = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await slow.SendAsync(slow.Request(Request)[..^1]);
        var reply = await Client.PostAsync(Request);
        await slow.SendAsync("}");

        Assert.Equal(Answer, reply.Text);
        Assert.Equal(Answer, (await slow.ReadAsync()).Text);
    }

    [Theory]
    [InlineData("Content-Length: x")]
    [InlineData("Content-Length: -1")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz")]
    public async Task Broken_framing_is_a_bad_request(string header)
    {
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);
        await connection.SendHeadAsync(header);

        Assert.Equal(HttpStatusCode.BadRequest, (await connection.ReadAsync()).Status);
        Assert.Equal(Answer, (await Client.PostAsync(Request)).Text);
    }

    [Fact]
    public async Task Other_paths_are_not_found()
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(nodes.Gateway.Address, "/rpc/more"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
