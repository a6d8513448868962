using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Http;

/// <summary>
/// TLS of the gateway's https addresses, from <c>Orrery:Tls</c>: its certificate, and whether callers show one. Both sides'
/// files may be replaced while it runs: the next connection uses them.
/// </summary>
internal sealed partial class GatewayTls
{
    /// <summary>The section of the configuration, below <see cref="Settings.Section"/>.</summary>
    public const string Section = "Tls";

    private static readonly string[] Keys = ["Certificate", "Key", "Password", "Password_FILE", "ClientCertificates", "ClientCa"];

    // The server tells the one that looks at a certificate nothing of the connection; both run in its handshake.
    private static readonly AsyncLocal<EndPoint?> Remote = new();

    private readonly WatchedFiles<SslStreamCertificateContext> _certificate;
    private readonly WatchedFiles<X509Certificate2Collection>? _authorities;
    private readonly ClientCertificateMode _mode;
    private readonly ILogger _logger;

    public GatewayTls(IConfiguration configuration, TimeProvider time, ILogger<GatewayTls> logger)
    {
        _logger = logger;
        _mode = ModeOf(new Settings(configuration)) ?? ClientCertificateMode.NoCertificate;
        _certificate = CertificateFiles.Certificate(configuration, $"{Settings.Section}:{Section}", time, logger)!;
        _authorities = CertificateFiles.Authorities(configuration, $"{Settings.Section}:{Section}:ClientCa", time, logger);
    }

    /// <summary>Reads the section, and says whether it has a certificate.</summary>
    /// <exception cref="OptionsValidationException">Something in it can't work.</exception>
    public static bool IsSet(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly(Keys, Section);
        var hasCertificate = settings.Text($"{Section}:Certificate") is not null;
        var mode = ModeOf(settings);
        if (!hasCertificate && (settings.Text($"{Section}:Key") is not null || mode is not null and not ClientCertificateMode.NoCertificate))
        {
            settings.Fail($"{Section}:Certificate", "it is missing. Name the PEM or PFX file with the gateway's certificate");
        }

        if (mode is not null and not ClientCertificateMode.NoCertificate && settings.Text($"{Section}:ClientCa") is null)
        {
            settings.Fail($"{Section}:ClientCa", "it is missing. Name the PEM file with the certificate of the authority that signs those of the callers");
        }

        settings.ThrowIfFailed();
        return hasCertificate;
    }

    /// <summary>Whether callers can say by a certificate who they are.</summary>
    public static bool AsksForCertificates(IConfiguration configuration) => ModeOf(new Settings(configuration)) is not null and not ClientCertificateMode.NoCertificate;

    /// <summary>Sets up each https address of the web server.</summary>
    public void Configure(HttpsConnectionAdapterOptions https)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        // The server wants to see a certificate here; what it uses is chosen below, with the certificates between it and its
        // authority.
        https.ServerCertificateSelector = (_, _) => _certificate.Current.TargetCertificate;
        https.ClientCertificateMode = _mode;
        https.ClientCertificateValidation = (_, chain, errors) => IsGood(chain, errors);
        https.OnAuthenticate = (connection, ssl) =>
        {
            ssl.ServerCertificateSelectionCallback = null;
            ssl.ServerCertificateContext = _certificate.Current;
            if (_mode is not ClientCertificateMode.NoCertificate)
            {
                ssl.CertificateChainPolicy = ClientPolicy();
                Remote.Value = connection.RemoteEndPoint;
                // A session is not taken up again: its authority may be trusted no more.
                ssl.AllowTlsResume = false;
            }
        };
    }

    // Without an application policy that of clients is asked for.
    private X509ChainPolicy ClientPolicy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(_authorities!.Current);
        return policy;
    }

    private bool IsGood(X509Chain? chain, SslPolicyErrors errors)
    {
        if (CertificateProblem.Of(chain, errors) is not { } problem)
        {
            return true;
        }

        Refusals.Count("gateway_connection", problem);
        LogRefused(Remote.Value, problem);
        return false;
    }

    private static ClientCertificateMode? ModeOf(Settings settings)
    {
        const string Key = $"{Section}:ClientCertificates";
        switch (settings.Text(Key)?.ToUpperInvariant())
        {
            case null:
                return null;
            case "NONE":
                return ClientCertificateMode.NoCertificate;
            case "OPTIONAL":
                return ClientCertificateMode.AllowCertificate;
            case "REQUIRED":
                return ClientCertificateMode.RequireCertificate;
            default:
                settings.Fail(Key, $"'{settings.Text(Key)}' is none of None, Optional and Required");
                return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Refused the client certificate of {Remote}: {Reason}. Orrery:Tls:ClientCa names the authorities that sign good ones")]
    private partial void LogRefused(EndPoint? remote, string reason);
}
