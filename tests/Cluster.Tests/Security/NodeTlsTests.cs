using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HelloServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Messaging;
using Orrery.Cluster.Tests.InProcess;
using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Security;

public sealed class NodeTlsTests(ProtectedNodes nodes) : IClassFixture<ProtectedNodes>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_with_certificates_of_the_cluster_call_one_another()
    {
        Assert.Equal("worker-1", await nodes.Seed.Proxy.Get<IProbe>("worker-1").Where());
        Assert.Equal("worker-1", await nodes.Seed.Proxy.Call<string>("probe/worker-1/where", cancellationToken: Cancelled));
        var large = new string('x', 3_000_000);
        Assert.Equal(large, (await nodes.Seed.Proxy.Get<IEcho>("worker-1").Say(large, 1)).Text);
    }

    [Theory]
    [InlineData("no certificate", "no_certificate")]
    [InlineData("self-signed", "unknown_authority")]
    [InlineData("another authority", "unknown_authority")]
    [InlineData("another authority of the same name", "unknown_authority")]
    [InlineData("expired", "expired")]
    [InlineData("another name", "wrong_name")]
    [InlineData("the name as subject only", "wrong_name")]
    [InlineData("a wildcard", "wrong_name")]
    [InlineData("a server's usage", "wrong_usage")]
    public async Task A_peer_with_a_wrong_certificate_gets_nothing(string what, string reason)
    {
        using var certificate = Certificate(what);

        foreach (var port in new[] { nodes.Ports.Seed, nodes.Ports.Client })
        {
            Assert.Equal(0, await BytesGivenAsync(port, certificate));
        }

        await LoggedAsync(reason);
        Assert.Equal("worker-1", await nodes.Seed.Proxy.Get<IProbe>("worker-1").Where());
    }

    [Fact]
    public async Task A_peer_with_a_good_certificate_is_not_hung_up_on()
    {
        using var certificate = nodes.Authority.Issue(["orrery"], [TestAuthority.ClientUsage]);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, nodes.Ports.Client, Cancelled);
        await using var stream = await HandshakeAsync(tcp, certificate);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        // It waits for the peer to begin.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(new byte[1], patience.Token));
    }

    [Theory]
    [InlineData("a client's usage")]
    [InlineData("another name")]
    [InlineData("another authority")]
    [InlineData("expired")]
    public async Task Nothing_is_said_to_a_node_with_a_wrong_certificate(string what)
    {
        using var certificate = Certificate(what);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var program = StartClientAsync(((IPEndPoint)listener.LocalEndpoint).Port, ProtectedNodes.Settings(nodes.Authority, "client-of-impostor"), end.Token);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var tcp = await listener.AcceptTcpClientAsync(Cancelled);
            await using var stream = new SslStream(tcp.GetStream());
            Assert.Equal(0, await ReadToEndAsync(stream, () => stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Cancelled)));
        }

        await GiveUpAsync(program, end);
    }

    [Fact]
    public async Task A_program_that_is_no_node_needs_a_certificate_too()
    {
        using var host = await StartClientAsync(nodes.Ports.Client, ProtectedNodes.Settings(nodes.Authority, "program"), Cancelled);
        Assert.Equal(19, await host.Services.GetRequiredService<Proxy>().Get<ICalculator>("worker-1").Subtract(42, 23));
        await host.StopAsync(Cancelled);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var stranger = StartClientAsync(nodes.Ports.Client, [], end.Token);
        await LoggedAsync("no_handshake");
        await GiveUpAsync(stranger, end);
    }

    [Fact]
    public async Task Noise_on_the_ports_disturbs_no_call()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var calls = CallUntilAsync(end.Token);
        var random = new Random(4711);

        await Parallel.ForEachAsync(Enumerable.Range(0, 300).Select(i => (Port: i % 2 == 0 ? nodes.Ports.Seed : nodes.Ports.Client, Noise: Noise(random, i))), Cancelled, async (attempt, token) =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, attempt.Port, token);
            try
            {
                await socket.SendAsync(attempt.Noise, token);
                socket.Shutdown(SocketShutdown.Send);
                // An alert of TLS may come back, and then the end.
                while (await socket.ReceiveAsync(new byte[4096], token) is > 0 and var given)
                {
                    Assert.InRange(given, 1, 200);
                }
            }
            catch (SocketException)
            {
                // It was hung up on.
            }
        });

        await end.CancelAsync();
        Assert.InRange(await calls, 1, int.MaxValue);
        Assert.DoesNotContain(nodes.Ports.Log.All, line => line.StartsWith("Error Orrery", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_connects_and_says_nothing_is_hung_up_on()
    {
        var silent = await Task.WhenAll(new[] { nodes.Ports.Seed, nodes.Ports.Client }.SelectMany(port => Enumerable.Repeat(port, 20)).Select(async port =>
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, port, Cancelled);
            return await tcp.GetStream().ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, Cancelled);
        }));

        Assert.All(silent, given => Assert.Equal(0, given));
    }

    [Fact]
    public async Task A_node_that_looks_at_no_certificates_says_so_loudly()
    {
        var ports = new ClusterPorts();
        foreach (var (key, value) in ProtectedNodes.Settings(nodes.Authority, "unverified"))
        {
            ports.Settings[key] = value;
        }

        ports.Settings["Orrery:NodeTls:Verify"] = "false";
        await using var node = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);

        Assert.Contains(ports.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("Orrery:NodeTls:Verify is false", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_whose_own_certificate_has_expired_says_so()
    {
        using var expired = nodes.Authority.Issue(["orrery"], notAfter: TimeProvider.System.GetUtcNow().AddDays(-1));
        var (certificate, key) = nodes.Authority.WritePem(expired, "expired-node");
        var ports = new ClusterPorts { Settings = { ["Orrery:NodeTls:Certificate"] = certificate, ["Orrery:NodeTls:Key"] = key, ["Orrery:NodeTls:Ca"] = nodes.Authority.File } };
        await using var node = await TestNode.StartAsync(ports, "coordinator-1", "coordinator", isSeed: true);

        Assert.Contains(ports.Log.All, line => line.StartsWith("Error Orrery", StringComparison.Ordinal) && line.Contains("expired-node.crt has expired", StringComparison.Ordinal));
    }

    private X509Certificate2? Certificate(string what)
    {
        using var other = new TestAuthority("Another authority");
        using var namesake = new TestAuthority();
        return what switch
        {
            "no certificate" => null,
            "self-signed" => TestAuthority.SelfSigned(["orrery"]),
            "another authority" => other.Issue(["orrery"]),
            "another authority of the same name" => namesake.Issue(["orrery"]),
            "expired" => nodes.Authority.Issue(["orrery"], notAfter: TimeProvider.System.GetUtcNow().AddDays(-1)),
            "another name" => nodes.Authority.Issue(["billing"]),
            "the name as subject only" => nodes.Authority.Issue([], subject: "orrery"),
            "a wildcard" => nodes.Authority.Issue(["*"]),
            "a server's usage" => nodes.Authority.Issue(["orrery"], [TestAuthority.ServerUsage]),
            "a client's usage" => nodes.Authority.Issue(["orrery"], [TestAuthority.ClientUsage]),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }

    private static async Task<int> BytesGivenAsync(int port, X509Certificate2? certificate)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, Cancelled);
        await using var stream = new SslStream(tcp.GetStream());
        // In TLS 1.3 the client learns that it was refused when it reads.
        return await ReadToEndAsync(stream, () => AuthenticateAsync(stream, certificate));
    }

    private static async Task<SslStream> HandshakeAsync(TcpClient tcp, X509Certificate2? certificate)
    {
        var stream = new SslStream(tcp.GetStream());
        await AuthenticateAsync(stream, certificate);
        return stream;
    }

    private static Task AuthenticateAsync(SslStream stream, X509Certificate2? certificate) => stream.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = "orrery",
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            // What the node shows is another test's business.
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
        },
        Cancelled);

    private static async Task<int> ReadToEndAsync(SslStream stream, Func<Task> handshake)
    {
        try
        {
            await handshake();
            return await stream.ReadAtLeastAsync(new byte[1024], 1024, throwOnEndOfStream: false, Cancelled);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return 0;
        }
    }

    private static async Task<IHost> StartClientAsync(int port, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orrery:Nodes"] = $"127.0.0.1:{port}" });
        builder.AddOrreryClient(typeof(ICalculator).Assembly);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    // A program that gets no connection goes on trying to start until it is told to give up, and then ends with that or with
    // what went wrong last, whichever comes first.
    private static async Task GiveUpAsync(Task<IHost> start, CancellationTokenSource end)
    {
        Assert.False(start.IsCompleted);
        await end.CancelAsync();
        var failure = await Record.ExceptionAsync(() => start);
        Assert.True(failure is OperationCanceledException or ConnectionFailedException, $"{failure}");
    }

    private async Task<int> CallUntilAsync(CancellationToken end)
    {
        var calls = 0;
        for (; !end.IsCancellationRequested; calls++)
        {
            Assert.Equal("worker-1", await nodes.Seed.Proxy.Get<IProbe>("worker-1").Where());
        }

        return calls;
    }

    // Random bytes, a beginning of TLS that goes on as noise, one that says it is huge, HTTP, and nothing.
    private static byte[] Noise(Random random, int kind)
    {
        var noise = new byte[random.Next(1, 2000)];
        random.NextBytes(noise);
        return (kind % 5) switch
        {
            0 => noise,
            1 => [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. noise],
            2 => [0x16, 0x03, 0x03, 0xFF, 0xFF, .. noise],
            3 => "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(),
            _ => [],
        };
    }

    private async Task LoggedAsync(string reason)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!nodes.Ports.Log.All.Any(line => line.StartsWith("Warning Orrery", StringComparison.Ordinal) && line.Contains($"is refused: {reason}.", StringComparison.Ordinal)))
        {
            await tick.WaitForNextTickAsync(Cancelled);
        }
    }
}
