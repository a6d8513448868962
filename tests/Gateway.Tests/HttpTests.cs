using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Orrery.Gateway.Tests;

public sealed class HttpTests(TwoNodeCluster cluster)
{
    private const string Call = """{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2],"id":1}""";
    private const string Result = """{"jsonrpc":"2.0","result":3,"id":1}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RpcClient Client => cluster.Client;

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/jsonp")]
    public async Task A_body_that_is_not_declared_as_JSON_is_refused_with_the_header_to_send(string? contentType)
    {
        var answer = await Client.SendAsync(Encoding.UTF8.GetBytes(Call), contentType);

        Assert.Equal((415, -32600, "unsupported_content_type"), (answer.Status, answer.Error.Code, answer.Error.Reason));
        Assert.Contains("Content-Type: application/json", answer.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json-rpc")]
    [InlineData("application/jsonrequest")]
    public async Task A_body_that_is_declared_as_JSON_is_read(string contentType)
    {
        var answer = await Client.SendAsync(Encoding.UTF8.GetBytes(Call), contentType);

        Assert.Equal((200, Result, "application/json"), (answer.Status, answer.Text, answer.ContentType));
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        using var content = Json(Call);
        content.Headers.ContentEncoding.Add("gzip");

        var answer = await Client.SendAsync(content);

        Assert.Equal(415, answer.Status);
        Assert.Contains("Content-Encoding", answer.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Any_method_but_POST_is_refused_with_the_one_to_use(string method)
    {
        var answer = await Client.SendAsync(Json(Call), change: request => request.Method = new HttpMethod(method));

        Assert.Equal((405, "http_method_not_allowed", "POST"), (answer.Status, answer.Error.Reason, Assert.Single(answer.Allow)));
    }

    [Fact]
    public async Task A_browser_gets_a_page_that_says_how_to_call()
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml;q=0.9");

        using var response = await http.GetAsync(new Uri(cluster.Address, "/rpc"), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains($"}}' {cluster.Address}rpc</code>", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_however_it_comes(bool chunked)
    {
        using var content = Json(new string(' ', (4 * 1024 * 1024) + 1));

        var answer = await Client.SendAsync(content, change: request => request.Headers.TransferEncodingChunked = chunked);

        Assert.Equal((413, "body_too_large"), (answer.Status, answer.Error.Reason));
    }

    [Theory]
    [InlineData("gateway-1")]
    [InlineData("worker-1")]
    public async Task A_mebibyte_goes_there_and_back(string target)
    {
        var text = new string('x', 1024 * 1024);

        var result = await Client.ResultAsync($"echo/{target}/say", $$"""{"text":"{{text}}","n":1}""");
        var grown = await Client.ResultAsync($"trouble/{target}/repeat", """["0123456789",300000]""");

        Assert.Equal($$"""{"text":"{{text}}","n":2}""", result);
        Assert.Equal(3_000_002, grown.Length);
    }

    [Fact]
    public async Task A_chunked_body_and_one_that_waits_for_100_continue_are_read()
    {
        var chunked = await Client.SendAsync(Json(Call), change: request => request.Headers.TransferEncodingChunked = true);
        var waiting = await Client.SendAsync(Json(Call), change: request => request.Headers.ExpectContinue = true);

        Assert.Equal((Result, Result), (chunked.Text, waiting.Text));
    }

    [Fact]
    public async Task HTTP_2_by_prior_knowledge_is_served_on_the_same_port()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Client.SendAsync(Json(Call), HttpVersion.Version20)));
        var first = await Client.SendAsync(Json(Call), HttpVersion.Version11);

        Assert.All(answers, answer => Assert.Equal((HttpVersion.Version20, Result), (answer.Version, answer.Text)));
        Assert.Equal((HttpVersion.Version11, Result), (first.Version, first.Text));
    }

    [Fact]
    public async Task A_body_that_comes_byte_by_byte_is_read()
    {
        using var socket = await ConnectAsync();
        foreach (var single in Request(Call))
        {
            await socket.SendAsync(new[] { single }, Token);
        }

        Assert.EndsWith(Result, await ReadUntilAsync(socket, Result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_were_sent_ahead_are_answered_in_order()
    {
        using var socket = await ConnectAsync();
        var ids = Enumerable.Range(0, 20).ToArray();

        await socket.SendAsync(ids.SelectMany(id => Request($$"""{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2],"id":{{id}}}""")).ToArray(), Token);

        var text = await ReadUntilAsync(socket, "\"id\":19}");
        Assert.Equal(ids, ids.OrderBy(id => text.IndexOf($"\"id\":{id}}}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_client_that_hangs_up_stops_the_method_it_called_and_nobody_elses()
    {
        foreach (var target in new[] { "gateway-1", "worker-1" })
        {
            using var socket = await ConnectAsync();
            await socket.SendAsync(Request($$"""{"jsonrpc":"2.0","method":"trouble/{{target}}/wait_until_cancelled","params":["hang-up {{target}}"],"id":1}"""), Token);
            await cluster.Signals.Seen($"hang-up {target} started");

            socket.Close();

            await cluster.Signals.Seen($"hang-up {target} cancelled");
            Assert.Equal("3", await Client.ResultAsync("calculator/sum", "[1,2]"));
        }
    }

    [Fact]
    public async Task A_client_that_hangs_up_in_the_middle_of_a_body_disturbs_nobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var socket = await ConnectAsync();
            await socket.SendAsync(Request(Call).AsMemory(0, 60), Token);
            socket.Close(0);
        }

        Assert.Equal("3", await Client.ResultAsync("calculator/sum", "[1,2]"));
    }

    [Fact]
    public async Task Silent_and_slow_clients_do_not_hold_up_the_others()
    {
        var idle = new List<Socket>();
        for (var i = 0; i < 200; i++)
        {
            var socket = await ConnectAsync();
            await socket.SendAsync(Request(Call).AsMemory(0, i % 100), Token);
            idle.Add(socket);
        }

        Assert.Equal("3", await Client.ResultAsync("calculator/sum", "[1,2]"));
        idle.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task What_is_no_HTTP_is_refused_and_the_gateway_goes_on()
    {
        using var socket = await ConnectAsync();

        await socket.SendAsync("\0\u0001garbage\r\n\r\n"u8.ToArray(), Token);

        Assert.Contains("400", await ReadUntilAsync(socket, "\r\n"), StringComparison.Ordinal);
        Assert.Equal("3", await Client.ResultAsync("calculator/sum", "[1,2]"));
    }

    private static ByteArrayContent Json(string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static byte[] Request(string body) =>
        Encoding.UTF8.GetBytes($"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(cluster.Address.Host, cluster.Address.Port, Token);
        return socket;
    }

    private static async Task<string> ReadUntilAsync(Socket socket, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var length = await socket.ReceiveAsync(buffer, Token);
            Assert.True(length > 0, $"The connection ended after: {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return text.ToString();
    }
}
