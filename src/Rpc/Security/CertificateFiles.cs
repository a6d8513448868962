using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Security;

/// <summary>
/// A certificate with its private key and the certificates between it and its authority, and the authorities that are
/// trusted, from files: PEM, or PKCS #12 (<c>.pfx</c>, <c>.p12</c>). They may be replaced while the program runs.
/// </summary>
public static partial class CertificateFiles
{
    /// <summary>
    /// Watches the certificate that a section of the configuration names: <c>Certificate</c>, with <c>Key</c> when the key is in
    /// a file of its own, and <c>Password</c> (or <c>Password_FILE</c>) when it is encrypted. Null when it names none.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="section">The section's key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when the files change.</param>
    /// <exception cref="OptionsValidationException">The files can't be read, or hold no such thing.</exception>
    public static WatchedFiles<SslStreamCertificateContext>? Certificate(IConfiguration configuration, string section, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration[$"{section}:Certificate"] is not { Length: > 0 } certificate)
        {
            return null;
        }

        var password = Secret.Read(configuration, $"{section}:Password");
        string[] paths = configuration[$"{section}:Key"] is { Length: > 0 } key ? [certificate, key] : [certificate];
        return new($"{section}:Certificate", paths, contents => Current(ReadCertificate(contents, password), certificate, time, logger), time, logger);
    }

    /// <summary>
    /// Watches the certificates of authorities in the file, or files, that a key of the configuration names. Null when it names
    /// none.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="key">The key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when the files change.</param>
    /// <exception cref="OptionsValidationException">The files can't be read, or hold no certificate.</exception>
    public static WatchedFiles<X509Certificate2Collection>? Authorities(IConfiguration configuration, string key, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration[key] is { Length: > 0 } paths
            ? new(key, paths.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), ReadAuthorities, time, logger)
            : null;
    }

    /// <summary>
    /// Gives the rules by which the other side's certificate is looked at: it leads to one of the authorities and is in its time;
    /// nobody else is asked, so lists of withdrawn ones are not read. Without an application policy of its own, the handshake
    /// asks for the usage of the other side: a server's, or a client's.
    /// </summary>
    /// <param name="authorities">Those that are trusted, and no others.</param>
    public static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    // It is used all the same: with it the program is still reached by whoever looks at no dates, to be given another.
    private static SslStreamCertificateContext Current(SslStreamCertificateContext certificate, string file, TimeProvider time, ILogger logger)
    {
        if (certificate.TargetCertificate.NotAfter.ToUniversalTime() <= time.GetUtcNow())
        {
            LogExpired(logger, file, certificate.TargetCertificate.NotAfter.ToUniversalTime());
        }

        return certificate;
    }

    private static SslStreamCertificateContext ReadCertificate(IReadOnlyList<byte[]> contents, string? password)
    {
        var (leaf, others) = IsPem(contents[0]) ? ReadPem(Encoding.UTF8.GetString(contents[0]), Encoding.UTF8.GetString(contents[^1]), password) : ReadPkcs12(contents[0], password);
        return SslStreamCertificateContext.Create(leaf, others, offline: true);
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) ReadPem(string certificates, string key, string? password)
    {
        var others = new X509Certificate2Collection();
        others.ImportFromPem(certificates);
        var leaf = password is null ? X509Certificate2.CreateFromPem(certificates, key) : X509Certificate2.CreateFromEncryptedPem(certificates, key, password);
        others.RemoveAt(0);
        // Windows can't use a key that it has not stored.
        return (OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null) : leaf, others);
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) ReadPkcs12(byte[] content, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(content, password);
        var leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("It holds no private key.");
        all.Remove(leaf);
        return (leaf, all);
    }

    private static X509Certificate2Collection ReadAuthorities(IReadOnlyList<byte[]> contents)
    {
        var authorities = new X509Certificate2Collection();
        foreach (var content in contents)
        {
            authorities.ImportFromPem(Encoding.UTF8.GetString(content));
        }

        return authorities.Count > 0 ? authorities : throw new CryptographicException("It holds no certificate in PEM.");
    }

    [LoggerMessage(LogLevel.Error, "The certificate in {File} has expired, at {NotAfter:u}: others refuse it. Replace the file; it is read again")]
    private static partial void LogExpired(ILogger logger, string file, DateTime notAfter);

    private static bool IsPem(byte[] content) => content.AsSpan().IndexOf("-----BEGIN "u8) >= 0;
}
