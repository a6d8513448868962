using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Http;

/// <summary>
/// TLS of the gateway's https addresses: its certificate, and whether callers show one. The files may be replaced while it
/// runs: the next connection uses them.
/// </summary>
internal sealed partial class GatewayTls
{
    private readonly ClientCertificateMode _mode;
    private readonly WatchedFiles<SslStreamCertificateContext> _certificate;
    private readonly WatchedFiles<X509Certificate2Collection>? _authorities;
    private readonly RefusedPeers _refused;

    public GatewayTls(TlsSettings settings, IConfiguration configuration, TimeProvider time, ILogger<GatewayTls> logger)
    {
        const string Section = $"{Settings.Section}:{TlsSettings.Section}";
        _mode = settings.ClientCertificates;
        _certificate = CertificateFiles.Certificate(configuration, Section, time, logger)!;
        _authorities = CertificateFiles.Authorities(configuration, $"{Section}:ClientCa", time, logger);
        _refused = new RefusedPeers("gateway_connection", time, (address, reason) => LogRefused(logger, address, reason));
    }

    /// <summary>Sets up each https address of the web server.</summary>
    public void Configure(HttpsConnectionAdapterOptions https)
    {
        // Unless Kestrel:EndpointDefaults:SslProtocols says more strictly.
        if (https.SslProtocols is SslProtocols.None)
        {
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        }

        // The server wants to see a certificate here; what it uses is chosen below, with the certificates between it and its
        // authority.
        https.ServerCertificateSelector = (_, _) => _certificate.Current.TargetCertificate;
        https.OnAuthenticate = (connection, ssl) =>
        {
            ssl.ServerCertificateSelectionCallback = null;
            ssl.ServerCertificateContext = _certificate.Current;
            if (_mode is not ClientCertificateMode.NoCertificate)
            {
                AskForCertificate(ssl, (connection.RemoteEndPoint as IPEndPoint)?.Address);
            }
        };
    }

    // Here and not by the server's own options, which tell whoever looks at a certificate nothing of the connection.
    private void AskForCertificate(SslServerAuthenticationOptions ssl, IPAddress? remote)
    {
        ssl.ClientCertificateRequired = true;
        ssl.CertificateChainPolicy = CertificateFiles.TrustOnly(_authorities!.Current);
        ssl.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsGood(certificate, chain, errors, remote);
        // A session is not taken up again: its authority may be trusted no more.
        ssl.AllowTlsResume = false;
    }

    private bool IsGood(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, IPAddress? remote)
    {
        var problem = certificate is not null ? CertificateProblem.Of(chain, errors)
            : _mode is ClientCertificateMode.RequireCertificate ? "no_certificate"
            : null;
        if (problem is not null)
        {
            _refused.Note(remote, problem);
        }

        return problem is null;
    }

    [LoggerMessage(LogLevel.Warning, "The connection with {Address} is refused: {Reason}. Callers need a certificate of an authority in Orrery:Tls:ClientCa")]
    private static partial void LogRefused(ILogger logger, IPAddress address, string reason);
}
