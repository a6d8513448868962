using System.Net;
using System.Text;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class LimitsTests
{
    private const string Answer = """{"jsonrpc":"2.0","result":7,"id":1}""";

    private static readonly string Request = RpcClient.Request("calculator/sum", "[1,2,4]");

    [Fact]
    public async Task Lower_limits_hold()
    {
        await using var gateway = await StartAsync(maxBodyBytes: 200, maxBatchLength: 2, maxDepth: 4);
        var body = await gateway.Client.PostAsync(Request.PadRight(201));
        var batch = await gateway.Client.PostAsync("[1,2,3]");
        var depth = await gateway.Client.CallAsync("probe/take_any", "[[[[]]]]");

        body.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "body_too_large");
        batch.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "batch_too_large");
        depth.Is(HttpStatusCode.BadRequest, -32700, "too_deep");
        Assert.Equal(Answer, (await gateway.Client.PostAsync(Request.PadRight(200))).Text);
    }

    [Fact]
    public async Task Higher_limits_hold()
    {
        const int Most = 31_000_000;
        await using var gateway = await StartAsync(maxBodyBytes: Most, maxBatchLength: 1000, maxDepth: 512);
        var nested = new string('[', 510) + new string(']', 510);
        var body = await gateway.Client.PostAsync(Encoding.UTF8.GetBytes(Request.PadRight(Most)));
        var batch = await gateway.Client.PostAsync($"[{string.Join(',', Enumerable.Repeat(Request, 1000))}]");
        var depth = await gateway.Client.CallAsync("probe/take_any", $"[{nested}]");
        var tooDeep = await gateway.Client.CallAsync("probe/take_any", $"[[{nested}]]");

        Assert.Equal(Answer, body.Text);
        Assert.Equal(1000, batch.Json.GetArrayLength());
        Assert.Contains(nested, depth.Text, StringComparison.Ordinal);
        tooDeep.Is(HttpStatusCode.BadRequest, -32700, "too_deep");
    }

    private static Task<GatewayNode> StartAsync(int maxBodyBytes, int maxBatchLength, int maxDepth) => GatewayNode.StartAsync(
        configure: null,
        "--Orrery:JsonRpc:MaxBodyBytes", $"{maxBodyBytes}", "--Orrery:JsonRpc:MaxBatchLength", $"{maxBatchLength}", "--Orrery:JsonRpc:MaxDepth", $"{maxDepth}");
}
