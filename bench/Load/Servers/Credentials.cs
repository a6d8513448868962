using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orrery.Load.Servers;

/// <summary>A certificate for nodes and gateway, and a token, made for one run.</summary>
internal sealed class Credentials : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromDays(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("orrery-load-").FullName;

    public Credentials()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orrery", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("orrery");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using var certificate = request.CreateSelfSigned(now - LongEnough, now + LongEnough);
        File.WriteAllText(Path("node.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path("node.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path("issuer.pem"), key.ExportSubjectPublicKeyInfoPem());
        Token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "orrery",
            Audience = "orrery",
            Subject = new ClaimsIdentity([new Claim("sub", "load"), new Claim("scope", "echo/* calculator/*")]),
            Expires = (now + LongEnough).UtcDateTime,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256),
        });
    }

    public string Token { get; }

    public string[] OfNodes => ["--Orrery:NodeTls:Certificate", Path("node.crt"), "--Orrery:NodeTls:Key", Path("node.key"), "--Orrery:NodeTls:Ca", Path("node.crt")];

    public string[] OfGateway => ["--Orrery:Tls:Certificate", Path("node.crt"), "--Orrery:Tls:Key", Path("node.key"), "--Orrery:Authentication:Keys", Path("issuer.pem")];

    public string[] OfBare => ["--Kestrel:Certificates:Default:Path", Path("node.crt"), "--Kestrel:Certificates:Default:KeyPath", Path("node.key")];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
