using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orrery.Tests;

/// <summary>A certificate authority of a test's own, and files with the certificates that it issues.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private static int _serial;

    private readonly X509Certificate2 _authority;
    private readonly string _folder = Directory.CreateTempSubdirectory("orrery-certificates-").FullName;

    public TestAuthority(string name = "Test authority")
        : this(SelfSignedAuthority(name))
    {
    }

    private TestAuthority(X509Certificate2 authority)
    {
        _authority = authority;
        File = Write("ca.crt", _authority.ExportCertificatePem());
    }

    /// <summary>The PEM file of the authority's certificate.</summary>
    public string File { get; }

    public X509Certificate2 Certificate => _authority;

    /// <summary>An authority that this one vouches for.</summary>
    public TestAuthority Intermediate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = AuthorityRequest("Intermediate", key).Create(_authority, _authority.NotBefore, _authority.NotAfter, BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        return new TestAuthority(issued.CopyWithPrivateKey(key));
    }

    /// <summary>Issues a certificate for DNS names or addresses.</summary>
    public X509Certificate2 Issue(string[] names, string[]? usages = null, DateTimeOffset? notAfter = null, string? subject = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = Request(key, names, usages, subject).Create(_authority, TimeProvider.System.GetUtcNow().AddDays(-30), notAfter ?? TimeProvider.System.GetUtcNow().AddDays(30), BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>Makes a certificate that nobody but itself vouches for.</summary>
    public static X509Certificate2 SelfSigned(string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(key, names, null, null).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
    }

    /// <summary>Writes a certificate and its key as PEM, in the place of what was there, and gives the names of both files.</summary>
    public (string Certificate, string Key) WritePem(X509Certificate2 certificate, string name)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return (Write(name + ".crt", certificate.ExportCertificatePem()), Write(name + ".key", key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>Writes a text to a file in the authority's folder, in one step.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path + ".new", text);
        System.IO.File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static X509Certificate2 SelfSignedAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return AuthorityRequest(name, key).CreateSelfSigned(now.AddYears(-1), now.AddYears(1));
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static CertificateRequest Request(ECDsa key, string[] names, string[]? usages, string? subject)
    {
        var request = new CertificateRequest($"CN={subject ?? names.FirstOrDefault() ?? "nobody"}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (System.Net.IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        if (names.Length > 0)
        {
            request.CertificateExtensions.Add(alternatives.Build());
        }

        var oids = new OidCollection();
        foreach (var usage in usages ?? [ServerUsage, ClientUsage])
        {
            oids.Add(new Oid(usage));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        return request;
    }
}
