using System.Collections.Concurrent;
using System.Net;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests.Security;

public sealed class RateLimitTests
{
    // So few calls a second that none is added while a test runs.
    private const string Hardly = "0.0001";

    private static readonly string Request = RpcClient.Request("calculator/sum", "[1,2]");

    [Fact]
    public async Task Of_a_hundred_clients_at_once_exactly_as_many_pass_as_may()
    {
        await using var gateway = await StartAsync("--Orrery:RateLimits:PerCaller", Hardly, "--Orrery:RateLimits:PerCallerBurst", "60");
        var statuses = new ConcurrentBag<HttpStatusCode>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 100, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
            statuses.Add((await gateway.Client.PostAsync(Request)).Status));

        Assert.Equal(60, statuses.Count(status => status is HttpStatusCode.OK));
        Assert.Equal(240, statuses.Count(status => status is HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task No_caller_takes_the_calls_of_another()
    {
        using var issuer = new TestIssuer();
        await using var gateway = await StartAsync("--Orrery:RateLimits:PerCaller", Hardly, "--Orrery:RateLimits:PerCallerBurst", "5", "--Orrery:Authentication:Keys", issuer.PublicKeys);
        var passed = new ConcurrentDictionary<int, int>();
        var tokens = Enumerable.Range(0, 100).Select(i => issuer.Token($"caller-{i}")).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 100, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            if ((await gateway.Client.PostAsync(Request, "Authorization", $"Bearer {tokens[i % 100]}")).Status is HttpStatusCode.OK)
            {
                passed.AddOrUpdate(i % 100, 1, (_, count) => count + 1);
            }
        });

        Assert.Equal(100, passed.Count);
        Assert.All(passed.Values, count => Assert.Equal(5, count));
    }

    [Fact]
    public async Task A_refused_call_is_told_when_to_come_again_and_passes_then()
    {
        await using var gateway = await StartAsync("--Orrery:RateLimits:PerCaller", "2", "--Orrery:RateLimits:PerCallerBurst", "1");
        await gateway.Client.PostAsync(Request);

        var refused = await gateway.Client.PostAsync(Request);

        refused.Is(HttpStatusCode.TooManyRequests, -32006, "rate_limited");
        Assert.InRange(refused.Data.GetProperty("retry_after_ms").GetInt32(), 1, 1000);
        Assert.Equal("1", refused.Headers["Retry-After"]);
        Assert.Equal("1", refused.Id);
        using var wait = new PeriodicTimer(TimeSpan.FromMilliseconds(refused.Data.GetProperty("retry_after_ms").GetInt32() + 200));
        await wait.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, (await gateway.Client.PostAsync(Request)).Result.GetInt32());
    }

    [Fact]
    public async Task A_batch_counts_as_its_calls()
    {
        await using var gateway = await StartAsync("--Orrery:RateLimits:Total", Hardly, "--Orrery:RateLimits:TotalBurst", "10");
        var batch = $"[{string.Join(',', Enumerable.Repeat(Request, 6))}]";

        Assert.Equal(6, (await gateway.Client.PostAsync(batch)).Json.GetArrayLength());
        (await gateway.Client.PostAsync(batch)).Is(HttpStatusCode.TooManyRequests, -32006, "rate_limited");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await gateway.Client.PostAsync(Request)).Status);
        }

        (await gateway.Client.PostAsync(Request)).Is(HttpStatusCode.TooManyRequests, -32006, "rate_limited");
    }

    [Fact]
    public async Task A_batch_that_could_never_pass_is_told_so()
    {
        await using var gateway = await StartAsync("--Orrery:RateLimits:PerCaller", "1000", "--Orrery:RateLimits:PerCallerBurst", "3");

        var reply = await gateway.Client.PostAsync($"[{string.Join(',', Enumerable.Repeat(Request, 4))}]");

        reply.Is(HttpStatusCode.RequestEntityTooLarge, -32600, "batch_too_large");
        Assert.Contains("3", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_has_a_limit_of_its_own_by_whatever_target_it_is_called()
    {
        await using var gateway = await StartAsync("--Orrery:RateLimits:Methods:calculator/sum", "0.0001");

        Assert.Equal(3, (await gateway.Client.PostAsync(Request)).Result.GetInt32());
        (await gateway.Client.CallAsync("calculator/worker/sum", "[1,2]")).Is(HttpStatusCode.TooManyRequests, -32006, "rate_limited");
        var batch = (await gateway.Client.PostAsync($"[{Request},{RpcClient.Request("calculator/subtract", "[3,2]", "2")}]")).Json;
        Assert.Equal(-32006, batch[0].GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(1, batch[1].GetProperty("result").GetInt32());
    }

    [Fact]
    public async Task Whoever_tries_out_tokens_uses_up_the_calls_of_its_address_and_of_nobody_else()
    {
        using var issuer = new TestIssuer();
        await using var gateway = await StartAsync("--Orrery:RateLimits:PerCaller", Hardly, "--Orrery:RateLimits:PerCallerBurst", "3", "--Orrery:Authentication:Keys", issuer.PublicKeys);

        for (var i = 0; i < 3; i++)
        {
            (await gateway.Client.PostAsync(Request, "Authorization", $"Bearer {i}")).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
        }

        (await gateway.Client.PostAsync(Request, "Authorization", "Bearer 4")).Is(HttpStatusCode.TooManyRequests, -32006, "rate_limited");
        Assert.Equal(3, (await gateway.Client.PostAsync(Request, "Authorization", $"Bearer {issuer.Token()}")).Result.GetInt32());
    }

    [Fact]
    public async Task What_a_header_says_of_the_address_counts_only_from_a_proxy_of_the_configuration()
    {
        string[] limits = ["--Orrery:RateLimits:PerCaller", Hardly, "--Orrery:RateLimits:PerCallerBurst", "1"];
        await using var open = await StartAsync(limits);
        await using var behindProxy = await StartAsync([.. limits, "--Orrery:Proxies", "127.0.0.0/8"]);
        await using var behindOther = await StartAsync([.. limits, "--Orrery:Proxies", "10.0.0.7"]);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], await FromTwoAddressesAsync(open));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await FromTwoAddressesAsync(behindProxy));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], await FromTwoAddressesAsync(behindOther));
        // Of a list, what the proxy itself has added is the last: the client may have written the rest.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await behindProxy.Client.PostAsync(Request, "X-Forwarded-For", "203.0.113.99, 203.0.113.1")).Status);
    }

    [Fact]
    public async Task A_network_of_ipv6_is_one_caller()
    {
        await using var gateway = await StartAsync("--Orrery:RateLimits:PerCaller", Hardly, "--Orrery:RateLimits:PerCallerBurst", "1", "--Orrery:Proxies", "127.0.0.1");

        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.PostAsync(Request, "X-Forwarded-For", "2001:db8:1:2::1")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await gateway.Client.PostAsync(Request, "X-Forwarded-For", "2001:db8:1:2:ffff::9")).Status);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.PostAsync(Request, "X-Forwarded-For", "2001:db8:1:3::1")).Status);
    }

    private static async Task<HttpStatusCode[]> FromTwoAddressesAsync(GatewayNode gateway) =>
    [
        (await gateway.Client.PostAsync(Request, "X-Forwarded-For", "203.0.113.1")).Status,
        (await gateway.Client.PostAsync(Request, "X-Forwarded-For", "203.0.113.2")).Status,
    ];

    private static Task<GatewayNode> StartAsync(params string[] settings) => GatewayNode.StartAsync(configure: null, settings);
}
