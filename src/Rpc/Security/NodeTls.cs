using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Nerdbank.Streams;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Security;

/// <summary>
/// Mutual TLS on the connections between nodes, and between nodes and client programs. Each side shows a certificate of the
/// cluster's authority with the cluster's name in it; until both have, nothing else is said.
/// </summary>
internal sealed partial class NodeTls
{
    private static readonly TimeSpan HandshakeTakes = TimeSpan.FromSeconds(10);

    // What a TLS record holds, so that each is read in one go. The stream stays open when one direction is done with: Orleans
    // goes on with the other, to send what waits and to take in what has come.
    private static readonly StreamPipeReaderOptions Reading = new(bufferSize: 32 * 1024, minimumReadSize: 4 * 1024, leaveOpen: true);
    private static readonly StreamPipeWriterOptions Writing = new(minimumBufferSize: 16 * 1024, leaveOpen: true);

    private readonly NodeTlsSettings _settings;
    private readonly WatchedFiles<SslStreamCertificateContext> _certificate;
    private readonly WatchedFiles<X509Certificate2Collection>? _authorities;
    private readonly RefusedPeers _refused;
    private readonly TimeProvider _time;

    public NodeTls(NodeTlsSettings settings, IConfiguration configuration, TimeProvider time, ILogger<NodeTls> logger)
    {
        const string Section = $"{Settings.Section}:{NodeTlsSettings.Section}";
        _settings = settings;
        _time = time;
        _certificate = CertificateFiles.Certificate(configuration, Section, time, logger)!;
        _authorities = CertificateFiles.Authorities(configuration, $"{Section}:Ca", time, logger);
        _refused = new RefusedPeers("node_connection", time, (address, reason) => LogRefused(logger, address, reason));
        if (!settings.IsVerified)
        {
            LogNotVerified(logger);
        }
    }

    private X509ChainPolicy? ChainPolicy => _authorities is null ? null : CertificateFiles.TrustOnly(_authorities.Current);

    /// <summary>Protects the connections that others open.</summary>
    public void Accept(IConnectionBuilder connections) => connections.Use(next => connection => ProtectAsync(connection, next, AcceptAsync));

    /// <summary>Protects the connections that this program opens.</summary>
    public void Connect(IConnectionBuilder connections) => connections.Use(next => connection => ProtectAsync(connection, next, ConnectAsync));

    private async Task ProtectAsync(ConnectionContext connection, ConnectionDelegate next, Func<SslStream, PeerCheck, CancellationToken, Task> handshake)
    {
        var remote = connection.RemoteEndPoint as IPEndPoint;
        var check = new PeerCheck(_settings);
        var stream = new SslStream(connection.Transport.AsStream(), leaveInnerStreamOpen: false);
        await using (stream.ConfigureAwait(false))
        {
            using var late = new CancellationTokenSource(HandshakeTakes, _time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, connection.ConnectionClosed);
            try
            {
                await handshake(stream, check, end.Token);
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                _refused.Note(remote?.Address, check.Problem ?? (late.IsCancellationRequested ? "too_slow" : exception is AuthenticationException ? "no_handshake" : "left"));
                return;
            }

            await RunAsync(connection, next, stream);
        }
    }

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, SslStream stream)
    {
        var transport = connection.Transport;
        var input = PipeReader.Create(stream, Reading);
        var output = PipeWriter.Create(stream, Writing);
        connection.Transport = new Protected(input, output);
        try
        {
            await next(connection);
        }
        finally
        {
            await input.CompleteAsync();
            await CompleteAsync(output);
            connection.Transport = transport;
        }
    }

    // What was left to send goes nowhere when the other side is gone.
    private static async Task CompleteAsync(PipeWriter output)
    {
        try
        {
            await output.CompleteAsync();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
        }
    }

    // No session is taken up again: its authority may be trusted no more.
    private Task AcceptAsync(SslStream stream, PeerCheck check, CancellationToken cancellationToken) => stream.AuthenticateAsServerAsync(
        new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate.Current,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = ChainPolicy,
            RemoteCertificateValidationCallback = check.IsGood,
            AllowTlsResume = false,
        },
        cancellationToken);

    private Task ConnectAsync(SslStream stream, PeerCheck check, CancellationToken cancellationToken) => stream.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = _settings.Name,
            ClientCertificateContext = _certificate.Current,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = ChainPolicy,
            RemoteCertificateValidationCallback = check.IsGood,
            AllowTlsResume = false,
        },
        cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Orrery:NodeTls:Verify is false: the connections between nodes are encrypted, and whoever reaches a port of this node is taken for a node")]
    private static partial void LogNotVerified(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The connection with {Address} is refused: {Reason}. It is between nodes, and each needs a certificate of the cluster's authority (Orrery:NodeTls)")]
    private static partial void LogRefused(ILogger logger, IPAddress address, string reason);

    private sealed record Protected(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
