using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Http;

/// <summary>How the gateway's https addresses are protected, from <c>Orrery:Tls</c>.</summary>
/// <param name="ClientCertificates">Whether callers show a certificate.</param>
internal sealed record TlsSettings(ClientCertificateMode ClientCertificates)
{
    /// <summary>The section of the configuration, below <see cref="Settings.Section"/>.</summary>
    public const string Section = "Tls";

    private static readonly string[] Keys = ["Certificate", "Key", "Password", "Password_FILE", "ClientCertificates", "ClientCa"];

    /// <summary>Whether callers can say by a certificate who they are.</summary>
    public bool AsksForCertificates => ClientCertificates is not ClientCertificateMode.NoCertificate;

    /// <summary>Reads the section; null when it has no certificate.</summary>
    /// <exception cref="OptionsValidationException">Something in it can't work.</exception>
    public static TlsSettings? Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly(Keys, Section);
        var hasCertificate = settings.Text($"{Section}:Certificate") is not null;
        var tls = new TlsSettings(Mode(settings));
        if (!hasCertificate && Keys.FirstOrDefault(key => settings.Text($"{Section}:{key}") is not null && (key != "ClientCertificates" || tls.AsksForCertificates)) is { } other)
        {
            settings.Fail($"{Section}:Certificate", $"it is missing, and {Settings.Section}:{Section}:{other} is set. Name the PEM or PFX file with the gateway's certificate");
        }

        if (tls.AsksForCertificates && settings.Text($"{Section}:ClientCa") is null)
        {
            settings.Fail($"{Section}:ClientCa", "it is missing. Name the PEM file with the certificate of the authority that signs those of the callers");
        }

        // Whoever names it believes that callers are looked at.
        if (!tls.AsksForCertificates && settings.Text($"{Section}:ClientCa") is not null)
        {
            settings.Fail($"{Section}:ClientCertificates", $"callers are not asked for certificates, and {Settings.Section}:{Section}:ClientCa is set. Say Optional or Required, or leave it out");
        }

        settings.ThrowIfFailed();
        return hasCertificate ? tls : null;
    }

    /// <summary>Checks that each https address has a certificate, that the operator knows which, and that it is of use.</summary>
    /// <param name="addresses">The addresses that the gateway is to listen on.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="settings">Told what is wrong.</param>
    public static void Check(IReadOnlyList<BindingAddress> addresses, IConfiguration configuration, Settings settings)
    {
        const string Certificate = $"{Section}:Certificate";
        var isSet = Read(configuration) is not null;
        var secure = addresses.FirstOrDefault(address => address.Scheme == Uri.UriSchemeHttps);
        // The server would look for the certificate of a developer.
        if (secure is not null && !isSet && !HasServerCertificates(configuration))
        {
            settings.Fail(Certificate, $"the gateway is to listen on {secure} and has no certificate. Name the PEM or PFX file with it, and with {Settings.Section}:{Section}:Key that with its key");
        }

        // Refused and not only logged: whoever names it believes that calls are encrypted.
        if (secure is null && isSet)
        {
            settings.Fail(Certificate, "it is set, and no address of the gateway is https. Listen on one with --urls https://127.0.0.1:8443");
        }

        foreach (var second in isSet ? ServerCertificates(configuration) : [])
        {
            settings.Failures.Add($"{second.Path} is set, and so is {Settings.Section}:{Certificate}. Leave one of them out.");
        }

        // The server would take the certificates of every authority that the system trusts.
        foreach (var mode in ServerSections(configuration, "ClientCertificateMode"))
        {
            settings.Failures.Add($"{mode.Path} is not a setting of a gateway. {Settings.Section}:{Section}:ClientCertificates and {Settings.Section}:{Section}:ClientCa say which certificates of callers are taken.");
        }
    }

    private static IConfigurationSection DefaultCertificate(IConfiguration configuration) => configuration.GetSection("Kestrel:Certificates:Default");

    private static IConfigurationSection[] Endpoints(IConfiguration configuration) => [.. configuration.GetSection("Kestrel:Endpoints").GetChildren()];

    // Whether the web server's own settings have a certificate for each https address.
    private static bool HasServerCertificates(IConfiguration configuration) =>
        DefaultCertificate(configuration).Exists()
        || (Endpoints(configuration) is { Length: > 0 } endpoints && endpoints
            .Where(endpoint => endpoint["Url"]?.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) == true)
            .All(endpoint => endpoint.GetSection("Certificate").Exists() || endpoint.GetSection("Sni").Exists()));

    private static IEnumerable<IConfigurationSection> ServerCertificates(IConfiguration configuration) =>
        ServerSections(configuration, "Certificate", "Sni").Concat(DefaultCertificate(configuration) is var one && one.Exists() ? [one] : []);

    private static IEnumerable<IConfigurationSection> ServerSections(IConfiguration configuration, params string[] names) =>
        Endpoints(configuration)
            .Append(configuration.GetSection("Kestrel:EndpointDefaults"))
            .SelectMany(endpoint => endpoint.GetSection("Sni").GetChildren().Prepend(endpoint))
            .SelectMany(section => names.Select(name => section.GetSection(name)))
            .Where(section => section.Exists());

    private static ClientCertificateMode Mode(Settings settings)
    {
        const string Key = $"{Section}:ClientCertificates";
        switch (settings.Text(Key)?.ToUpperInvariant())
        {
            case null or "NONE":
                return ClientCertificateMode.NoCertificate;
            case "OPTIONAL":
                return ClientCertificateMode.AllowCertificate;
            case "REQUIRED":
                return ClientCertificateMode.RequireCertificate;
            default:
                settings.Fail(Key, $"'{settings.Text(Key)}' is none of None, Optional and Required");
                return ClientCertificateMode.RequireCertificate;
        }
    }
}
