using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orrery.Gateway.Tests.Security;

/// <summary>An issuer of tokens with keys of its own, and of tokens that are wrong in one way each.</summary>
internal sealed class TestIssuer : IDisposable
{
    public const string Name = "orrery";

    private readonly string _folder = Directory.CreateTempSubdirectory("orrery-issuer-").FullName;
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>A file with both public keys, in PEM.</summary>
    public string PublicKeys => Write("keys.pem", $"{_rsa.ExportSubjectPublicKeyInfoPem()}\n{_ec.ExportSubjectPublicKeyInfoPem()}\n");

    public string RsaPublicKey => _rsa.ExportSubjectPublicKeyInfoPem();

    public string RsaPrivateKey => _rsa.ExportPkcs8PrivateKeyPem();

    public SigningCredentials Rsa => new(new RsaSecurityKey(_rsa), SecurityAlgorithms.RsaSha256);

    public SigningCredentials Ec => new(new ECDsaSecurityKey(_ec), SecurityAlgorithms.EcdsaSha256);

    public SigningCredentials RsaWithId(string id) => new(new RsaSecurityKey(_rsa) { KeyId = id }, SecurityAlgorithms.RsaSha256);

    /// <summary>The RSA key as a JSON Web Key Set.</summary>
    public string KeySet(string id)
    {
        var key = _rsa.ExportParameters(false);
        return $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{id}}","n":"{{Base64UrlEncoder.Encode(key.Modulus)}}","e":"{{Base64UrlEncoder.Encode(key.Exponent)}}"}]}""";
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    /// <summary>Makes a token that is right in all that is not said.</summary>
    public string Token(
        string? subject = "alice",
        string? scope = null,
        SigningCredentials? key = null,
        string issuer = Name,
        string audience = Name,
        TimeSpan? expiresIn = null,
        TimeSpan? validIn = null,
        params Claim[] claims)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var all = claims.ToList();
        all.AddRange(subject is null ? [] : [new Claim("sub", subject)]);
        all.AddRange(scope is null ? [] : [new Claim("scope", scope)]);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = validIn is { } later ? now + later : null,
            Expires = expiresIn == Timeout.InfiniteTimeSpan ? null : now + (expiresIn ?? TimeSpan.FromMinutes(10)),
            Subject = new ClaimsIdentity(all),
            SigningCredentials = key ?? Rsa,
        });
    }

    /// <summary>Takes a good token, puts another header on it and signs it as told.</summary>
    public string Forge(string header, Func<string, byte[]> sign)
    {
        var payload = Token().Split('.')[1];
        var content = $"{Base64UrlEncoder.Encode(header)}.{payload}";
        return $"{content}.{Base64UrlEncoder.Encode(sign(content))}";
    }

    /// <summary>The token of a good one with another payload and the old signature.</summary>
    public string Tampered()
    {
        var parts = Token(scope: "registry/list_nodes").Split('.');
        var payload = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!;
        payload["scope"] = "*";
        return $"{parts[0]}.{Base64UrlEncoder.Encode(payload.ToJsonString())}.{parts[2]}";
    }

    public byte[] HashedWith(string secret, string content) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content));

    public void Dispose()
    {
        _rsa.Dispose();
        _ec.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
