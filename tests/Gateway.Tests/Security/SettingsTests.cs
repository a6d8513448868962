using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Orrery.Gateway.JsonRpc;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Tests.Security;

public sealed class SettingsTests : IDisposable
{
    private readonly TestIssuer _issuer = new();

    public void Dispose() => _issuer.Dispose();

    [Theory]
    [InlineData("http://0.0.0.0:0", "Orrery:Tls:Certificate", "Orrery:Authentication:Keys", "Orrery__Dangerously__ListenWithoutTls", "Orrery__Dangerously__ListenWithoutAuthentication")]
    [InlineData("http://*:0", "Orrery:Tls:Certificate", "Orrery:Authentication:Keys")]
    [InlineData("http://[::]:0", "Orrery:Tls:Certificate", "Orrery:Authentication:Keys")]
    [InlineData("http://10.1.2.3:80", "Orrery:Tls:Certificate", "Orrery:Authentication:Keys")]
    [InlineData("http://gateway.example.com:80", "Orrery:Tls:Certificate", "Orrery:Authentication:Keys")]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0", "Orrery:Tls:Certificate", "Orrery:Authentication:Keys")]
    public void A_gateway_that_others_could_reach_unprotected_is_refused_with_what_is_missing(string urls, params string[] expected)
    {
        var failures = Refusal("--urls", urls);

        Assert.All(expected, text => Assert.Contains(text, failures, StringComparison.Ordinal));
    }

    [Fact]
    public void Half_of_the_protection_is_not_enough()
    {
        Assert.DoesNotContain("Authentication", Refusal("--urls", "http://0.0.0.0:0", "--Orrery:Authentication:Keys", _issuer.PublicKeys), StringComparison.Ordinal);
        Assert.DoesNotContain("Tls:Certificate and", Refusal("--urls", "http://0.0.0.0:0", "--Orrery:Dangerously:ListenWithoutTls", "true"), StringComparison.Ordinal);
        Assert.Contains("read and change", Refusal("--urls", "http://0.0.0.0:0", "--Orrery:Dangerously:ListenWithoutAuthentication", "true"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_of_the_web_server_s_own_configuration_is_no_way_around() =>
        Assert.Contains("http://0.0.0.0:80", Refusal("--Kestrel:Endpoints:Open:Url", "http://0.0.0.0:80"), StringComparison.Ordinal);

    [Theory]
    [InlineData("Orrery:Authentication:Issuer", "https://login.example.com", "Orrery:Authentication:Keys")]
    [InlineData("Orrery:Authentication:Authority", "http://login.example.com", "https URL")]
    [InlineData("Orrery:Authentication:Authority", "https://login.example.com", "Orrery:Authentication:Audience")]
    [InlineData("Orrery:Authentication:Keys", "/nowhere/keys.pem", "/nowhere/keys.pem")]
    [InlineData("Orrery:Authentication:ClockSkew", "00:10:00", "00:05:00")]
    [InlineData("Orrery:Authentication:Keyz", "x", "is not a setting")]
    [InlineData("Orrery:Authorization:Roles:admin", "orders/*/all", "Orrery:Authorization:Roles:admin")]
    [InlineData("Orrery:Authorization:Callers:alice", "or ders", "Orrery:Authorization:Callers:alice")]
    [InlineData("Orrery:Authorization:Grants", "x", "is not a setting")]
    [InlineData("Orrery:RateLimits:PerCaller", "-1", "Orrery:RateLimits:PerCaller")]
    [InlineData("Orrery:RateLimits:PerSecond", "1", "PerSecond")]
    [InlineData("Orrery:RateLimits:Methods:a/b", "0", "Orrery:RateLimits:Methods")]
    [InlineData("Orrery:Proxies", "localhost", "Orrery:Proxies")]
    [InlineData("Orrery:JsonRpc:MaxConnectionsPerAddress", "-1", "Orrery:JsonRpc:MaxConnectionsPerAddress")]
    [InlineData("Orrery:JsonRpc:MaxResponseBytes", "10", "Orrery:JsonRpc:MaxResponseBytes")]
    [InlineData("Kestrel:Limits:RequestHeaderTimeout", "00:00:01", "RequestHeaderTimeout")]
    [InlineData("Kestrel:Limits:RequestHeadersTimeout", "soon", "Kestrel:Limits:RequestHeadersTimeout")]
    [InlineData("Kestrel:Limits:MaxRequestBodySize", "-5", "Kestrel:Limits: one of MaxRequestBodySize can't be used")]
    [InlineData("Kestrel:Limits:MinResponseDataRate:BytesPerSecond", "1000", "Kestrel:Limits:MinResponseDataRate: give")]
    [InlineData("Kestrel:Limits:MinRequestBodyDataRate:PerSecond", "1000", "PerSecond")]
    public async Task A_wrong_setting_stops_the_start_and_names_the_key(string key, string value, string expected)
    {
        Assert.Contains(expected, await StartFailureAsync($"--{key}", value), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_no_gateway_needs_are_refused()
    {
        var file = _issuer.Write("private.pem", _issuer.RsaPrivateKey);
        var symmetric = _issuer.Write("oct.json", """{"keys":[{"kty":"oct","kid":"x","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}""");

        Assert.Contains("PRIVATE KEY", await StartFailureAsync("--Orrery:Authentication:Keys", file), StringComparison.Ordinal);
        Assert.Contains("symmetric", await StartFailureAsync("--Orrery:Authentication:Keys", symmetric), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_long_and_comes_alone_and_not_on_the_command_line()
    {
        var good = _issuer.Write("secret", new string('k', 40));
        var tooShort = _issuer.Write("short", "0123456789012345678901234567890");

        Assert.Contains("less than 32 bytes", await StartFailureAsync("--Orrery:Authentication:Secret_FILE", tooShort), StringComparison.Ordinal);
        Assert.Contains("Leave one of them", await StartFailureAsync("--Orrery:Authentication:Secret_FILE", good, "--Orrery:Authentication:Keys", _issuer.PublicKeys), StringComparison.Ordinal);
        var onCommandLine = await StartFailureAsync("--Orrery:Authentication:Secret", "a-very-secret-secret-that-is-long-enough");
        Assert.Contains("is a secret", onCommandLine, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", onCommandLine, StringComparison.Ordinal);
    }

    private static string Refusal(params string[] args) =>
        string.Join('\n', Assert.Throws<OptionsValidationException>(() => WebApplication.CreateBuilder().AddOrreryGateway(args)).Failures);

    private static async Task<string> StartFailureAsync(params string[] args)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            var builder = WebApplication.CreateBuilder();
            var siloPort = LoopbackPort.Free();
            builder.AddOrreryGateway(["--urls", "http://127.0.0.1:0", "--seed", $"127.0.0.1:{siloPort}", "--silo-port", $"{siloPort}", "--client-port", $"{LoopbackPort.Free()}", .. args]);
            await using var app = builder.Build();
            app.MapJsonRpc("/rpc");
            await app.StartAsync(TestContext.Current.CancellationToken);
        });
        return failure is OptionsValidationException refused ? string.Join("\n", refused.Failures) : failure.Message;
    }
}
