using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Fuzzing;
using Orrery.Gateway.Tests.Wire;
using Orrery.Tests;

namespace Orrery.Gateway.Tests.Security;

public sealed class TlsTests : IDisposable
{
    // What TLS calls it.
    private const byte Alert = 0x15;
    private const byte Fatal = 2;
    private const byte HandshakeFailure = 40;
    private const byte ProtocolVersion = 70;

    private static readonly string Request = RpcClient.Request("calculator/sum", "[1,2]");

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Calls_go_over_tls_in_both_versions_of_http_and_beside_plain_ones()
    {
        await using var gateway = await StartAsync(Server("localhost"), "--urls", "https://127.0.0.1:0;http://127.0.0.1:0");

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = Client(gateway, null, version);
            Assert.Equal(3, (await client.PostAsync(Request)).Result.GetInt32());
        }

        using var plain = new RpcClient(gateway.Addresses[1]) { Version = HttpVersion.Version20 };
        Assert.Equal(3, (await plain.PostAsync(Request)).Result.GetInt32());
    }

    [Fact]
    public async Task The_protocol_is_agreed_on_in_the_handshake()
    {
        await using var gateway = await StartAsync(Server("localhost"));

        Assert.Equal("h2", (await HandshakeAsync(gateway, protocols: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11])).Protocol);
        Assert.Equal("http/1.1", (await HandshakeAsync(gateway, protocols: [SslApplicationProtocol.Http11])).Protocol);
        var (version, _, _) = await HandshakeAsync(gateway);
        Assert.Equal(SslProtocols.Tls13, version);
        Assert.Equal(SslProtocols.Tls12, (await HandshakeAsync(gateway, SslProtocols.Tls12)).Version);
    }

    // Said by hand: the systems that clients run on do not let them try any more.
    [Theory]
    [InlineData(0, HandshakeFailure)]
    [InlineData(1, ProtocolVersion)]
    [InlineData(2, ProtocolVersion)]
    public async Task Old_versions_of_tls_are_refused(byte minor, byte alert)
    {
        byte[] greeting = [0x03, minor, .. new byte[32], 0, 0, 6, 0xc0, 0x09, 0xc0, 0x13, 0x00, 0x2f, 1, 0];
        byte[] handshake = [0x01, 0, 0, (byte)greeting.Length, .. greeting];
        await using var gateway = await StartAsync(Server("localhost"));

        var answer = await SendAsync(gateway, [0x16, 0x03, 0x01, 0, (byte)handshake.Length, .. handshake]);

        Assert.Equal(Alert, answer[0]);
        Assert.Equal([0, 2, Fatal, alert], answer[3..]);
        Assert.Equal(SslProtocols.Tls13, (await HandshakeAsync(gateway)).Version);
    }

    [Fact]
    public async Task The_certificates_on_the_way_to_the_authority_are_sent_along()
    {
        using var intermediate = _authority.Intermediate();
        using var leaf = intermediate.Issue(["127.0.0.1"]);
        var (certificate, key) = intermediate.WritePem(leaf, "chain");
        intermediate.Write("chain.crt", leaf.ExportCertificatePem() + "\n" + intermediate.Certificate.ExportCertificatePem());
        await using var gateway = await StartAsync(["--Orrery:Tls:Certificate", certificate, "--Orrery:Tls:Key", key]);

        using var client = Client(gateway, null);

        Assert.Equal(3, (await client.PostAsync(Request)).Result.GetInt32());
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_by_the_next_connection_and_ends_none()
    {
        await using var gateway = await StartAsync(Server("localhost", "first"));
        using var old = Client(gateway, null);
        await old.PostAsync(Request);
        var before = (await HandshakeAsync(gateway)).Serial;

        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        _authority.Write("server.crt", "half a certif");
        // It looks at the files when somebody connects.
        while (!gateway.Scope.Errors.Errors.Any(error => error.Contains("server.crt", StringComparison.Ordinal) && error.Contains("stays in use", StringComparison.Ordinal)))
        {
            Assert.Equal(before, (await HandshakeAsync(gateway)).Serial);
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(before, (await HandshakeAsync(gateway)).Serial);
        Server("localhost", "second");
        while ((await HandshakeAsync(gateway)).Serial == before)
        {
            Assert.Equal(3, (await old.PostAsync(Request)).Result.GetInt32());
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(3, (await old.PostAsync(Request)).Result.GetInt32());
        Assert.Equal(1, old.Connections);
    }

    [Fact]
    public async Task A_certificate_comes_from_a_pfx_too_with_its_password_in_a_file()
    {
        using var leaf = _authority.Issue(["127.0.0.1"]);
        var file = Path.Combine(Path.GetDirectoryName(_authority.File)!, "server.pfx");
        await File.WriteAllBytesAsync(file, leaf.Export(X509ContentType.Pkcs12, "correct horse"), TestContext.Current.CancellationToken);
        await using var gateway = await StartAsync(["--Orrery:Tls:Certificate", file, "--Orrery:Tls:Password_FILE", _authority.Write("password", "correct horse\n")]);
        using var client = Client(gateway, null);

        Assert.Equal(3, (await client.PostAsync(Request)).Result.GetInt32());
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(["--Orrery:Tls:Certificate", file, "--Orrery:Tls:Password_FILE", _authority.Write("wrong", "battery staple")]));
        Assert.Contains("Orrery:Tls:Certificate", wrong.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("battery", wrong.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Optional", "none", null)]
    [InlineData("optional", "good", null)]
    [InlineData("Optional", "expired", "expired")]
    [InlineData("Optional", "self-signed", "unknown_authority")]
    [InlineData("Required", "none", "no_certificate")]
    [InlineData("Required", "good", null)]
    [InlineData("Required", "by an intermediate", null)]
    [InlineData("Required", "expired", "expired")]
    [InlineData("Required", "self-signed", "unknown_authority")]
    [InlineData("Required", "another authority", "unknown_authority")]
    [InlineData("Required", "a server's usage", "wrong_usage")]
    public async Task A_client_certificate_is_looked_at(string mode, string what, string? problem)
    {
        await using var gateway = await StartAsync([.. Server("localhost"), "--Orrery:Tls:ClientCertificates", mode, "--Orrery:Tls:ClientCa", _authority.File]);
        using var intermediate = _authority.Intermediate();
        using var certificate = what == "by an intermediate" ? intermediate.Issue(["billing"], [TestAuthority.ClientUsage]) : ClientCertificate(what);
        using var client = new TlsClient(gateway.Addresses[0], _authority.Certificate, certificate, HttpVersion.Version11, intermediate.Certificate);

        if (problem is null)
        {
            Assert.Equal(what != "none" ? "certificate:billing" : "anonymous", (await client.PostAsync(RpcClient.Request("guarded/open"))).Result.GetString());
        }
        else
        {
            using var counted = new RefusalCount();
            await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(Request));
            Assert.Contains(("gateway_connection", problem), counted.Seen);
            Assert.Contains(gateway.Scope.Errors.Warnings, line => line.Contains($"The connection with 127.0.0.1 is refused: {problem}.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_client_certificate_is_who_asks_unless_a_token_says_otherwise()
    {
        using var issuer = new TestIssuer();
        await using var gateway = await StartAsync([
            .. Server("localhost"), "--Orrery:Tls:ClientCertificates", "Optional", "--Orrery:Tls:ClientCa", _authority.File,
            "--Orrery:Authorization:Certificates:billing", "orders/cancel", "--Orrery:Authentication:Keys", issuer.PublicKeys]);
        using var certificate = ClientCertificate("good");
        using var client = Client(gateway, certificate);
        using var nobody = Client(gateway, null);

        Assert.Equal("certificate:billing", (await client.PostAsync(RpcClient.Request("guarded/cancel"))).Result.GetString());
        Assert.Equal("permission_denied", (await client.PostAsync(RpcClient.Request("guarded/ship"))).Reason);
        Assert.Equal("alice", (await client.PostAsync(RpcClient.Request("guarded/ship"), "Authorization", $"Bearer {issuer.Token(scope: "orders/ship")}")).Result.GetString());
        (await nobody.PostAsync(RpcClient.Request("guarded/cancel"))).Is(HttpStatusCode.Unauthorized, -32004, "unauthenticated");
    }

    [Fact]
    public async Task Noise_on_the_port_disturbs_no_call()
    {
        await using var gateway = await StartAsync(Server("localhost"));
        using var client = Client(gateway, null);
        var random = new Random(4711);
        var mutator = new Mutator(random);

        for (var i = 0; i < 200; i++)
        {
            var noise = new byte[random.Next(1, 500)];
            random.NextBytes(noise);
            await SendAsync(gateway, (i % 4) switch { 0 => noise, 1 => [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, .. noise], 2 => "POST /rpc HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), _ => [] });
            Assert.Equal(3, (await client.PostAsync(Request)).Result.GetInt32());
        }

        for (var i = 0; i < 600; i++)
        {
            var noise = new byte[random.Next(1, 500)];
            random.NextBytes(noise);
            var reply = await client.PostAsync(i % 3 == 0 ? noise : mutator.Next());
            Assert.InRange((int)reply.Status, 200, 499);
        }

        Assert.Equal(3, (await client.PostAsync(Request)).Result.GetInt32());
        Assert.Empty(gateway.Scope.Errors.Errors);
        Assert.Empty(gateway.Scope.Errors.Warnings);
    }

    [Fact]
    public async Task What_is_too_large_or_too_deep_is_refused_over_tls_too()
    {
        await using var gateway = await StartAsync([.. Server("localhost"), "--Orrery:JsonRpc:MaxBodyBytes", "5000", "--Orrery:JsonRpc:MaxResponseBytes", "2000"]);
        using var client = Client(gateway, null);
        var text = new string('x', 1500);
        var say = RpcClient.Request("echo/say", $$"""{"text":"{{text}}","n":1}""");

        (await client.PostAsync(Request.PadRight(5001))).Is(HttpStatusCode.RequestEntityTooLarge, -32600, "body_too_large");
        (await client.PostAsync(new string('[', 2000))).Is(HttpStatusCode.BadRequest, -32700, "too_deep");
        Assert.Equal(text, (await client.PostAsync(say)).Result.GetProperty("text").GetString());
        var large = await client.PostAsync(RpcClient.Request("echo/say", $$"""{"text":"{{text}}{{text}}","n":1}"""));
        large.Is(HttpStatusCode.OK, -32603, "response_too_large");
        Assert.Equal("yes", large.Executed);
        var refused = await client.PostAsync(RpcClient.Request("trouble/refuse", $"[\"{text}{text}\"]"));
        refused.Is(HttpStatusCode.OK, -32603, "response_too_large");
        Assert.Equal("yes", refused.Executed);
        var batch = (await client.PostAsync($"[{say},{say},{RpcClient.Request("no_such/method")}]")).Json;
        Assert.Equal(text, batch[0].GetProperty("result").GetProperty("text").GetString());
        Assert.Equal("response_too_large", batch[1].GetProperty("error").GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal("unknown_service", batch[2].GetProperty("error").GetProperty("data").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_protocol_that_is_stricter_may_be_asked_for()
    {
        await using var gateway = await StartAsync([.. Server("localhost"), "--Kestrel:EndpointDefaults:SslProtocols:0", "Tls13"]);

        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(gateway, SslProtocols.Tls12));
        Assert.Equal(SslProtocols.Tls13, (await HandshakeAsync(gateway)).Version);
    }

    [Theory]
    [InlineData("no address of the gateway is https", "--urls", "http://127.0.0.1:0")]
    [InlineData("Orrery:Tls:ClientCa: it is missing", "--Orrery:Tls:ClientCertificates", "Required")]
    [InlineData("None, Optional and Required", "--Orrery:Tls:ClientCertificates", "Maybe")]
    [InlineData("None, Optional and Required", "--Orrery:Tls:ClientCertificates", "1")]
    [InlineData("Orrery:Tls:ClientCertificates: callers are not asked", "--Orrery:Tls:ClientCa", "ca.crt")]
    [InlineData("Orrery:Tls:ClientCa: /nowhere/ca.crt can't be used", "--Orrery:Tls:ClientCertificates", "Required", "--Orrery:Tls:ClientCa", "/nowhere/ca.crt")]
    [InlineData("Orrery:Tls:Certificat is not a setting", "--Orrery:Tls:Certificat", "server.crt")]
    [InlineData("Kestrel:Certificates:Default is set, and so is Orrery:Tls:Certificate", "--Kestrel:Certificates:Default:Path", "server.pfx")]
    [InlineData("Kestrel:Endpoints:One:Certificate is set, and so is Orrery:Tls:Certificate", "--Kestrel:Endpoints:One:Url", "https://127.0.0.1:0", "--Kestrel:Endpoints:One:Certificate:Path", "server.pfx")]
    [InlineData("Kestrel:EndpointDefaults:ClientCertificateMode is not a setting of a gateway", "--Kestrel:EndpointDefaults:ClientCertificateMode", "AllowCertificate")]
    public async Task A_setting_that_protects_nothing_or_contradicts_another_stops_the_start(string expected, params string[] settings) =>
        Assert.Contains(expected, await RefusalAsync([.. Server("localhost"), .. settings]), StringComparison.Ordinal);

    [Theory]
    [InlineData("has no certificate", "--urls", "https://127.0.0.1:0")]
    [InlineData("has no certificate", "--urls", "http://127.0.0.1:0;https://127.0.0.1:0")]
    [InlineData("has no certificate", "--Kestrel:Certificates:Development:Path", "developer.pfx")]
    [InlineData("has no certificate", "--Kestrel:Endpoints:One:Url", "https://127.0.0.1:0", "--Kestrel:Endpoints:One:Certificate:Path", "server.pfx", "--Kestrel:Endpoints:Two:Url", "https://127.0.0.1:0")]
    [InlineData("Orrery:Tls:Certificate: it is missing, and Orrery:Tls:Key is set", "--Orrery:Tls:Key", "server.key")]
    [InlineData("Orrery:Tls:Certificate: it is missing, and Orrery:Tls:ClientCertificates is set", "--Orrery:Tls:ClientCertificates", "Required")]
    [InlineData("Orrery:Tls:Certificate: /nowhere/server.crt can't be used", "--Orrery:Tls:Certificate", "/nowhere/server.crt")]
    public async Task An_address_without_a_certificate_that_the_operator_named_stops_the_start(string expected, params string[] settings)
    {
        var refusal = await RefusalAsync(settings);

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.Contains("Orrery:Tls:Certificate", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_web_server_s_own_certificate_will_do()
    {
        using var leaf = _authority.Issue(["127.0.0.1"]);
        var (certificate, key) = _authority.WritePem(leaf, "own");
        await using var gateway = await StartAsync(["--Kestrel:Certificates:Default:Path", certificate, "--Kestrel:Certificates:Default:KeyPath", key]);
        using var client = Client(gateway, null);

        Assert.Equal(3, (await client.PostAsync(Request)).Result.GetInt32());
    }

    private static async Task<string> RefusalAsync(string[] settings) =>
        string.Join('\n', (await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(settings))).Failures);

    private static Task<GatewayNode> StartAsync(string[] settings, params string[] more) =>
        GatewayNode.StartAsync(configure: null, [.. settings, .. more, .. settings.Concat(more).Contains("--urls") ? Array.Empty<string>() : ["--urls", "https://127.0.0.1:0"]]);

    private string[] Server(string name, string? subject = null)
    {
        using var leaf = _authority.Issue([name, "127.0.0.1"], [TestAuthority.ServerUsage], subject: subject);
        var (certificate, key) = _authority.WritePem(leaf, "server");
        return ["--Orrery:Tls:Certificate", certificate, "--Orrery:Tls:Key", key];
    }

    private X509Certificate2? ClientCertificate(string what)
    {
        using var other = new TestAuthority("Another authority");
        return what switch
        {
            "good" => _authority.Issue(["billing"], [TestAuthority.ClientUsage]),
            "expired" => _authority.Issue(["billing"], [TestAuthority.ClientUsage], TimeProvider.System.GetUtcNow().AddDays(-1)),
            "self-signed" => TestAuthority.SelfSigned(["billing"]),
            "another authority" => other.Issue(["billing"]),
            "a server's usage" => _authority.Issue(["billing"], [TestAuthority.ServerUsage]),
            _ => null,
        };
    }

    // Trusts the test's authority and nobody else, as a caller would.
    private TlsClient Client(GatewayNode gateway, X509Certificate2? certificate, Version? version = null) => new(gateway.Addresses[0], _authority.Certificate, certificate, version ?? HttpVersion.Version11);

    private async Task<(SslProtocols Version, string Protocol, string Serial)> HandshakeAsync(GatewayNode gateway, SslProtocols versions = SslProtocols.None, params SslApplicationProtocol[] protocols)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, gateway.Addresses[0].Port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(tcp.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = versions,
                ApplicationProtocols = [.. protocols],
                CertificateChainPolicy = TlsClient.Trusting(_authority.Certificate),
            },
            TestContext.Current.CancellationToken);
        return (stream.SslProtocol, stream.NegotiatedApplicationProtocol.ToString(), stream.RemoteCertificate!.GetSerialNumberString());
    }

    // Sends, and gives what is answered until the connection is closed.
    private static async Task<byte[]> SendAsync(GatewayNode gateway, byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, gateway.Addresses[0].Port, TestContext.Current.CancellationToken);
        var answer = new List<byte>();
        try
        {
            var buffer = new byte[4096];
            await socket.SendAsync(bytes, TestContext.Current.CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                answer.AddRange(buffer[..count]);
            }
        }
        catch (SocketException)
        {
            // It was hung up on.
        }

        return [.. answer];
    }

    /// <summary>What is counted of those that are turned away, by any gateway of the process.</summary>
    private sealed class RefusalCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string?, string?)> _seen = new();

        public RefusalCount()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "orrery.refusals")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _seen.Enqueue((Tag(tags, "plane"), Tag(tags, "reason"))));
            _listener.Start();
        }

        public IReadOnlyCollection<(string? Plane, string? Reason)> Seen => _seen;

        public void Dispose() => _listener.Dispose();

        private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
        {
            foreach (var tag in tags)
            {
                if (tag.Key == name)
                {
                    return tag.Value as string;
                }
            }

            return null;
        }
    }
}
