using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests.Security;

public sealed class WebPageTests(TwoNodes nodes)
{
    private static readonly string Request = RpcClient.Request("calculator/sum", "[1,2]");

    [Theory]
    [InlineData("Origin", "https://evil.example", "origin_not_allowed")]
    [InlineData("Origin", "http://127.0.0.1:8080", "origin_not_allowed")]
    [InlineData("Origin", "null", "origin_not_allowed")]
    [InlineData("Host", "evil.example", "host_not_allowed")]
    [InlineData("Host", "evil.example:8080", "host_not_allowed")]
    [InlineData("Host", "127.0.0.1.evil.example", "host_not_allowed")]
    [InlineData("Host", "localhost.evil.example", "host_not_allowed")]
    [InlineData("Host", "10.0.0.1", "host_not_allowed")]
    public async Task What_a_web_page_sends_is_refused(string header, string value, string reason)
    {
        (await nodes.Client.PostAsync(Request, header, value)).Is(HttpStatusCode.Forbidden, -32600, reason);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task What_a_web_page_may_send_without_asking_is_no_json(string? contentType)
    {
        (await nodes.Client.PostAsync(Encoding.UTF8.GetBytes(Request), contentType)).Is(HttpStatusCode.UnsupportedMediaType, -32600, "unsupported_content_type");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2:80")]
    [InlineData("[::1]:8080")]
    [InlineData("orrery.localhost")]
    public async Task The_names_of_this_machine_are_taken(string host)
    {
        Assert.Equal(3, (await nodes.Client.PostAsync(Request, "Host", host)).Result.GetInt32());
    }

    [Fact]
    public async Task A_browser_that_asks_whether_a_page_may_call_is_given_no_leave()
    {
        var reply = await PreflightAsync(nodes.Client, "https://evil.example");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, reply.Status);
        Assert.DoesNotContain(reply.Headers.Keys, header => header.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Pages_and_hosts_of_the_configuration_may_call()
    {
        await using var gateway = await GatewayNode.StartAsync(configure: null, "--Orrery:JsonRpc:AllowedOrigins", "https://app.example.com, http://localhost:5173", "--Orrery:JsonRpc:AllowedHosts", "api.example.com");

        var preflight = await PreflightAsync(gateway.Client, "https://app.example.com");
        var call = await gateway.Client.PostAsync(Request, "Origin", "http://localhost:5173");

        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal("https://app.example.com", preflight.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal(3, call.Result.GetInt32());
        Assert.Equal("http://localhost:5173", call.Headers["Access-Control-Allow-Origin"]);
        (await gateway.Client.PostAsync(Request, "Origin", "https://evil.example")).Is(HttpStatusCode.Forbidden, -32600, "origin_not_allowed");
        Assert.Equal(3, (await gateway.Client.PostAsync(Request, "Host", "api.example.com")).Result.GetInt32());
    }

    private static Task<Reply> PreflightAsync(RpcClient client, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, (Uri?)null);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        return client.SendAsync(request);
    }
}
