using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>
/// Reads the public keys of an issuer of tokens: PEM (keys or certificates), or a JSON Web Key Set, which may name several
/// keys. Private keys and secrets are refused: a gateway needs none to check a token.
/// </summary>
internal static class TokenKeys
{
    /// <summary>Watches the files with the keys.</summary>
    /// <exception cref="OptionsValidationException">They can't be read, or hold something else.</exception>
    public static WatchedFiles<SecurityKey[]> Watch(IReadOnlyList<string> files, TimeProvider time, ILogger logger) =>
        new($"{Settings.Section}:{TokenSettings.Section}:Keys", files, contents => [.. contents.SelectMany(Read)], time, logger);

    private static IEnumerable<SecurityKey> Read(byte[] content)
    {
        var text = Encoding.UTF8.GetString(content);
        var keys = text.TrimStart().StartsWith('{') ? ReadKeySet(text) : ReadPem(text);
        return keys.Length > 0 ? keys : throw new CryptographicException("It holds no public key.");
    }

    private static SecurityKey[] ReadKeySet(string json)
    {
        var keys = JsonWebKeySet.Create(json).Keys;
        foreach (var key in keys.Where(key => key.HasPrivateKey || key.Kty is not (JsonWebAlgorithmsKeyTypes.RSA or JsonWebAlgorithmsKeyTypes.EllipticCurve)))
        {
            throw new CryptographicException($"The key '{key.Kid}' is a private or a symmetric one, or of the unknown type '{key.Kty}'. Give public RSA and EC keys.");
        }

        return [.. keys];
    }

    private static SecurityKey[] ReadPem(string text)
    {
        var keys = new List<SecurityKey>();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            keys.Add(ReadPem(rest[fields.Label].ToString(), Convert.FromBase64String(rest[fields.Base64Data].ToString())));
        }

        return [.. keys];
    }

    private static SecurityKey ReadPem(string label, byte[] content) => label switch
    {
        "CERTIFICATE" => new X509SecurityKey(X509CertificateLoader.LoadCertificate(content)),
        "RSA PUBLIC KEY" => RsaKey(rsa => rsa.ImportRSAPublicKey(content, out _)),
        "PUBLIC KEY" => PublicKey.CreateFromSubjectPublicKeyInfo(content, out _).Oid.Value switch
        {
            "1.2.840.113549.1.1.1" => RsaKey(rsa => rsa.ImportSubjectPublicKeyInfo(content, out _)),
            "1.2.840.10045.2.1" => EcKey(content),
            var other => throw new CryptographicException($"A key of the kind {other} can't be used. Give RSA and EC keys."),
        },
        _ => throw new CryptographicException($"It holds a '{label}'. Give the public key: openssl pkey -in private.pem -pubout"),
    };

    private static RsaSecurityKey RsaKey(Action<RSA> import)
    {
        var rsa = RSA.Create();
        import(rsa);
        return rsa.KeySize >= 2048 ? new RsaSecurityKey(rsa) : throw new CryptographicException($"An RSA key of {rsa.KeySize} bits is too short. Use 2048 or more.");
    }

    private static ECDsaSecurityKey EcKey(byte[] content)
    {
        var ec = ECDsa.Create();
        ec.ImportSubjectPublicKeyInfo(content, out _);
        return new ECDsaSecurityKey(ec);
    }
}
