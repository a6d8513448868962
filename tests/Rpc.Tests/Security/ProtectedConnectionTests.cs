using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Nerdbank.Streams;
using Orrery.Rpc.Security;
using Orrery.Tests;

namespace Orrery.Rpc.Tests.Security;

public sealed class ProtectedConnectionTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly LoggedLines<NodeTls> _log = new();
    private readonly ConcurrentQueue<string> _counted = new();
    private readonly MeterListener _meter = new();

    public ProtectedConnectionTests()
    {
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "orrery.refusals")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>((_, _, tags, _) => _counted.Enqueue($"{tags[0].Value} {tags[1].Value}"));
        _meter.Start();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _meter.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Certificates_between_a_node_and_the_authority_are_sent_with_its_own()
    {
        using var intermediate = _authority.Intermediate();
        var (certificate, key) = _authority.WritePem(intermediate.Issue(["orrery"]), "node");
        _authority.Write("node.crt", File.ReadAllText(certificate) + "\n" + intermediate.Certificate.ExportCertificatePem());
        var tls = Tls(certificate, key);

        Assert.Equal("hello", await SayAsync(tls, tls, "hello"));
    }

    // Orleans completes one direction while it still sends what is left in the other.
    [Fact]
    public async Task What_is_sent_after_reading_has_ended_arrives()
    {
        var tls = Tls();
        var (near, far) = FullDuplexStream.CreatePipePair();
        var sender = RunAsync(tls.Accept, near, async connection =>
        {
            await connection.Transport.Input.CompleteAsync();
            await connection.Transport.Output.WriteAsync("last words"u8.ToArray(), Cancelled);
        });
        var received = "";
        var receiver = RunAsync(tls.Connect, far, async connection => received = await ReadToEndAsync(connection.Transport.Input));

        await Task.WhenAll(sender, receiver);

        Assert.Equal("last words", received);
    }

    [Fact]
    public async Task What_was_received_can_be_read_after_sending_has_ended()
    {
        var tls = Tls();
        var (near, far) = FullDuplexStream.CreatePipePair();
        var received = "";
        var receiver = RunAsync(tls.Accept, near, async connection =>
        {
            await connection.Transport.Output.CompleteAsync();
            received = await ReadToEndAsync(connection.Transport.Input);
        });
        var sender = RunAsync(tls.Connect, far, async connection => await connection.Transport.Output.WriteAsync("hello"u8.ToArray(), Cancelled));

        await Task.WhenAll(sender, receiver);

        Assert.Equal("hello", received);
    }

    [Fact]
    public async Task A_connection_whose_program_fails_has_its_own_transport_again_and_is_closed()
    {
        var tls = Tls();
        var (near, far) = FullDuplexStream.CreatePipePair();
        var accepted = new DefaultConnectionContext("1", near, near);
        var failing = RunAsync(tls.Accept, accepted, _ => throw new TimeoutException());
        var received = "?";
        await RunAsync(tls.Connect, far, async connection => received = await ReadToEndAsync(connection.Transport.Input));

        await Assert.ThrowsAsync<TimeoutException>(() => failing);
        Assert.Same(near, accepted.Transport);
        Assert.Equal("", received);
    }

    [Fact]
    public async Task A_handshake_that_comes_byte_by_byte_is_too_slow()
    {
        var (near, far) = FullDuplexStream.CreatePipePair();
        var accepting = RunAsync(Tls().Accept, near, _ => throw new InvalidOperationException("It was let in."));
        byte[] beginning = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03];

        foreach (var one in beginning)
        {
            await far.Output.WriteAsync(new[] { one }, Cancelled);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await accepting;
        Assert.Equal("node_connection too_slow", Assert.Single(_counted));
        Assert.Contains("192.0.2.7 is refused: too_slow.", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_connects_and_leaves_is_counted_and_not_logged()
    {
        var (near, far) = FullDuplexStream.CreatePipePair();
        await far.Output.CompleteAsync();

        await RunAsync(Tls().Accept, near, _ => throw new InvalidOperationException("It was let in."));

        Assert.Equal("node_connection left", Assert.Single(_counted));
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task Who_comes_again_and_again_is_counted_each_time_and_logged_once_in_a_while()
    {
        var tls = Tls();
        for (var attempt = 0; attempt < 20; attempt++)
        {
            await SpeakPlainlyAsync(tls);
        }

        Assert.Single(_log.All);
        _time.Advance(TimeSpan.FromSeconds(10));
        await SpeakPlainlyAsync(tls);

        Assert.Equal(2, _log.All.Count);
        Assert.Equal(21, _counted.Count(what => what == "node_connection no_handshake"));
    }

    [Theory]
    [InlineData("307F01")]
    [InlineData("30038201FF")]
    [InlineData("3000")]
    [InlineData("")]
    public async Task A_certificate_whose_names_can_not_be_read_is_refused(string names)
    {
        var (certificate, key) = _authority.WritePem(WithNames(Convert.FromHexString(names)), "unreadable");
        var (near, far) = FullDuplexStream.CreatePipePair();
        var accepting = RunAsync(Tls().Accept, near, _ => throw new InvalidOperationException("It was let in."));
        var given = "?";
        await RunAsync(Tls(certificate, key).Connect, far, async connection => given = await ReadToEndAsync(connection.Transport.Input));

        await accepting;
        Assert.Equal("", given);
        Assert.StartsWith("node_connection ", Assert.Single(_counted), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("my_cluster")]
    [InlineData("Blue")]
    [InlineData("prod.example.org")]
    public async Task A_name_need_not_be_that_of_a_host(string name)
    {
        var (certificate, key) = _authority.WritePem(_authority.Issue([name]), "named");
        var tls = Tls(certificate, key, name);

        Assert.Equal("hello", await SayAsync(tls, tls, "hello"));
    }

    // Cut off everywhere, and with each byte changed: what a peer may send before anybody knows who it is.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_the_first_words_of_a_peer_are_the_connection_only_ends(bool accepts)
    {
        var tls = Tls();
        Action<IConnectionBuilder> protect = accepts ? tls.Accept : tls.Connect;
        var words = await FirstWordsAsync(accepts ? tls.Connect : tls.Accept, accepts ? [] : await FirstWordsAsync(tls.Connect, []));
        var random = new Random(4711);
        _counted.Clear();

        for (var at = 0; at < words.Length; at++)
        {
            byte[] changed = [.. words[..at], (byte)(words[at] ^ random.Next(1, 256)), .. words[(at + 1)..]];
            await HearAsync(protect, words[..at]);
            await HearAsync(protect, changed);
        }

        Assert.Equal(2 * words.Length, _counted.Count);
    }

    private static async Task HearAsync(Action<IConnectionBuilder> protect, byte[] words)
    {
        var (near, far) = FullDuplexStream.CreatePipePair();
        await far.Output.WriteAsync(words, Cancelled);
        await far.Output.CompleteAsync();
        await RunAsync(protect, near, _ => throw new InvalidOperationException("It was let in."));
    }

    private static async Task<byte[]> FirstWordsAsync(Action<IConnectionBuilder> protect, byte[] heard)
    {
        var (near, far) = FullDuplexStream.CreatePipePair();
        await far.Output.WriteAsync(heard, Cancelled);
        var speaking = RunAsync(protect, near, _ => throw new InvalidOperationException("It was let in."));
        var said = (await far.Input.ReadAsync(Cancelled)).Buffer.ToArray();
        await far.Output.CompleteAsync();
        await speaking;
        return said;
    }

    private async Task SpeakPlainlyAsync(NodeTls tls)
    {
        var (near, far) = FullDuplexStream.CreatePipePair();
        await far.Output.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancelled);
        await RunAsync(tls.Accept, near, _ => throw new InvalidOperationException("It was let in."));
    }

    private static async Task<string> SayAsync(NodeTls accepting, NodeTls connecting, string text)
    {
        var (near, far) = FullDuplexStream.CreatePipePair();
        var received = "";
        await Task.WhenAll(
            RunAsync(accepting.Accept, near, async connection => received = await ReadToEndAsync(connection.Transport.Input)),
            RunAsync(connecting.Connect, far, async connection => await connection.Transport.Output.WriteAsync(Encoding.UTF8.GetBytes(text), Cancelled)));
        return received;
    }

    private static async Task<string> ReadToEndAsync(PipeReader input)
    {
        var text = new StringBuilder();
        try
        {
            while (await input.ReadAsync(Cancelled) is { IsCompleted: false } read)
            {
                text.Append(Encoding.UTF8.GetString(read.Buffer));
                input.AdvanceTo(read.Buffer.End);
            }
        }
        catch (IOException)
        {
            // It was hung up on.
        }

        return text.ToString();
    }

    private static Task RunAsync(Action<IConnectionBuilder> protect, IDuplexPipe transport, ConnectionDelegate program) =>
        RunAsync(protect, new DefaultConnectionContext("1", transport, transport), program);

    private static Task RunAsync(Action<IConnectionBuilder> protect, DefaultConnectionContext connection, ConnectionDelegate program)
    {
        connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40_000);
        var builder = new ConnectionBuilder(new ServiceCollection().BuildServiceProvider());
        protect(builder);
        return builder.Use(_ => program).Build()(connection);
    }

    private NodeTls Tls() => _authority.WritePem(_authority.Issue(["orrery"]), "good") is var (certificate, key) ? Tls(certificate, key) : throw new InvalidOperationException();

    private NodeTls Tls(string certificate, string key, string name = "orrery")
    {
        var settings = new Dictionary<string, string?> { ["Orrery:ClusterId"] = name, ["Orrery:NodeTls:Certificate"] = certificate, ["Orrery:NodeTls:Key"] = key, ["Orrery:NodeTls:Ca"] = _authority.File };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new NodeTls(NodeTlsSettings.Read(configuration)!, configuration, _time, _log);
    }

    private X509Certificate2 WithNames(byte[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orrery", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", names, critical: false));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TestAuthority.ClientUsage), new Oid(TestAuthority.ServerUsage)], critical: false));
        using var issued = request.Create(_authority.Certificate, TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }
}
