using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>Sets ASP.NET Core's handler of bearer tokens up with the settings of the gateway.</summary>
internal sealed class TokenValidation(AuthenticationMeans means, TimeProvider time, ILogger<TokenValidation> logger) : IConfigureNamedOptions<JwtBearerOptions>
{
    // What the algorithms are that go with the kind of key. One of each kind is never taken with a key of the other: a public
    // key is no secret.
    private static readonly string[] Asymmetric =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly string[] Symmetric = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];

    /// <summary>The handler that checks the tokens. It is no scheme of the application's, which would check each request's.</summary>
    public static AuthenticationScheme Scheme { get; } = new("Orrery", displayName: null, typeof(JwtBearerHandler));

    public void Configure(JwtBearerOptions options) => Configure(Scheme.Name, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        if (name != Scheme.Name || means.Tokens is not { } settings)
        {
            return;
        }

        options.MapInboundClaims = false;
        options.Authority = settings.Authority;
        // Authorities elsewhere than on this machine have https: TokenSettings sees to that.
        options.RequireHttpsMetadata = settings.Authority?.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) is true;
        var validation = options.TokenValidationParameters;
        validation.ValidIssuer = settings.Issuer;
        validation.ValidAudience = settings.Audience;
        validation.ClockSkew = settings.ClockSkew;
        validation.ValidAlgorithms = settings.Secret is null ? Asymmetric : Symmetric;
        validation.RequireExpirationTime = true;
        validation.RequireSignedTokens = true;
        if (settings.Secret is not null)
        {
            validation.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(settings.Secret));
        }
        else if (settings.Keys.Count > 0)
        {
            var keys = TokenKeys.Watch(settings.Keys, time, logger);
            validation.IssuerSigningKeyResolver = (_, _, id, _) => Candidates(keys.Current, id);
        }
    }

    private static IEnumerable<SecurityKey> Candidates(SecurityKey[] keys, string? id) =>
        keys.Where(key => string.IsNullOrEmpty(id) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == id);
}
