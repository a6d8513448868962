using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Tests.Security;

public sealed class IssuerTests
{
    [Fact]
    public async Task Keys_are_found_by_discovery_and_new_ones_too()
    {
        using var first = new TestIssuer();
        using var second = new TestIssuer();
        var url = $"http://127.0.0.1:{LoopbackPort.Free()}";
        var keys = first.KeySet("one");
        await using var authority = await StartAuthorityAsync(url, () => keys);
        await using var gateway = await StartAsync("--Orrery:Authentication:Authority", url, "--Orrery:Authentication:Audience", "cluster-7");

        Assert.Equal("alice", (await CallAsync(gateway, first.Token(key: first.RsaWithId("one"), issuer: url, audience: "cluster-7"))).Result.GetString());
        keys = second.KeySet("two");
        Assert.Equal("alice", await ComesToAsync(gateway, () => second.Token(key: second.RsaWithId("two"), issuer: url, audience: "cluster-7"), reply => reply.Status is HttpStatusCode.OK));

        (await CallAsync(gateway, second.Token(key: second.RsaWithId("two"), issuer: "https://evil.example", audience: "cluster-7"))).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
        (await CallAsync(gateway, second.Token(key: second.RsaWithId("two"), issuer: url, audience: "cluster-8"))).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_no_fault_of_the_token()
    {
        using var issuer = new TestIssuer();
        var url = $"http://127.0.0.1:{LoopbackPort.Free()}";
        await using var gateway = await StartAsync("--Orrery:Authentication:Authority", url, "--Orrery:Authentication:Audience", "orrery");

        var reply = await CallAsync(gateway, issuer.Token(key: issuer.RsaWithId("one"), issuer: url));

        reply.Is(HttpStatusCode.ServiceUnavailable, -32603, "issuer_unavailable");
        Assert.True(reply.Retryable);
        Assert.Equal("no", reply.Executed);
        Assert.Equal("anonymous", (await gateway.Client.CallAsync("guarded/open")).Result.GetString());
    }

    [Fact]
    public async Task Keys_in_a_file_are_replaced_without_a_restart()
    {
        using var first = new TestIssuer();
        using var second = new TestIssuer();
        var file = first.Write("keys.json", first.KeySet("one"));
        await using var gateway = await StartAsync("--Orrery:Authentication:Keys", file);
        Assert.Equal("alice", (await CallAsync(gateway, first.Token(key: first.RsaWithId("one")))).Result.GetString());

        first.Write("keys.json", second.KeySet("two"));

        Assert.Equal("alice", await ComesToAsync(gateway, () => second.Token(key: second.RsaWithId("two")), reply => reply.Status is HttpStatusCode.OK));
        (await CallAsync(gateway, first.Token("bob", key: first.RsaWithId("one")))).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
        first.Write("keys.json", "not a key");
        Assert.Equal("carol", (await CallAsync(gateway, second.Token("carol", key: second.RsaWithId("two")))).Result.GetString());
    }

    [Fact]
    public async Task A_shared_secret_takes_hashed_tokens_and_no_others()
    {
        using var issuer = new TestIssuer();
        var secret = new string('k', 40);
        var file = issuer.Write("secret", secret);
        await using var gateway = await StartAsync("--Orrery:Authentication:Secret_FILE", file);

        Assert.Equal("alice", (await CallAsync(gateway, issuer.Forge("""{"alg":"HS256","typ":"JWT"}""", content => issuer.HashedWith(secret, content)))).Result.GetString());
        (await CallAsync(gateway, issuer.Forge("""{"alg":"HS256","typ":"JWT"}""", content => issuer.HashedWith(secret + "k", content)))).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
        (await CallAsync(gateway, issuer.Token())).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
        (await CallAsync(gateway, issuer.Forge("""{"alg":"none"}""", _ => []))).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
    }

    private static Task<GatewayNode> StartAsync(params string[] settings) => GatewayNode.StartAsync(configure: null, settings);

    private static Task<Reply> CallAsync(GatewayNode gateway, string token) =>
        gateway.Client.PostAsync(RpcClient.Request("guarded/plain"), "Authorization", $"Bearer {token}");

    // New keys are looked for when an unknown one is met, yet not more than once a second.
    private static async Task<string?> ComesToAsync(GatewayNode gateway, Func<string> token, Func<Reply, bool> isReached)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var reply = await CallAsync(gateway, token());
            if (isReached(reply))
            {
                return reply.Result.GetString();
            }

            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<WebApplication> StartAuthorityAsync(string url, Func<string> keys)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", url);
        var authority = builder.Build();
        authority.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = url, jwks_uri = $"{url}/keys" }));
        authority.MapGet("/keys", () => Results.Content(keys(), "application/json"));
        await authority.StartAsync(TestContext.Current.CancellationToken);
        return authority;
    }
}
