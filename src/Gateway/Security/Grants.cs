using System.Collections.Frozen;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>
/// Says what a caller may do, by <c>Orrery:Authorization</c>: a scope of its token is a permission as it stands, and scopes and
/// roles may stand for others; single callers and certificates may be given some of their own.
/// </summary>
internal sealed class Grants
{
    private const string Section = "Authorization";
    private const int LongestId = 256;

    private static readonly string[] Scopes = ["scope", "scp", "permissions"];
    private static readonly string[] RoleNames = ["roles", "role"];
    private static readonly string[] Subjects = ["sub", "client_id", "azp"];
    private static readonly string[] Keys = ["ScopeClaims", "RoleClaims", "Roles", "Callers", "Certificates"];

    private readonly IReadOnlyList<string> _scopeClaims;
    private readonly IReadOnlyList<string> _roleClaims;
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _roles;
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _callers;
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _certificates;

    /// <summary>Reads the section.</summary>
    /// <exception cref="OptionsValidationException">Something in it is no permission.</exception>
    public Grants(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly(Keys, Section);
        _scopeClaims = settings.List($"{Section}:ScopeClaims") is { Count: > 0 } scopes ? scopes : Scopes;
        _roleClaims = settings.List($"{Section}:RoleClaims") is { Count: > 0 } roles ? roles : RoleNames;
        _roles = Read("Roles");
        _callers = Read("Callers");
        _certificates = Read("Certificates");
        settings.ThrowIfFailed();

        FrozenDictionary<string, IReadOnlyList<string>> Read(string part) => configuration.GetSection($"{Settings.Section}:{Section}:{part}").GetChildren().ToFrozenDictionary(
            child => child.Key,
            child =>
            {
                var permissions = settings.List($"{Section}:{part}:{child.Key}");
                foreach (var wrong in permissions.Where(permission => !IsPattern(permission)))
                {
                    settings.Fail($"{Section}:{part}:{child.Key}", $"'{wrong}' is not a permission. Write it like orders/cancel, orders/* or *");
                }

                return permissions;
            });
    }

    /// <summary>Gives the caller that a token, or an application's own authentication, speaks for; null when it names none.</summary>
    public Caller? OfClaims(ClaimsPrincipal principal)
    {
        var id = Subjects.Select(principal.FindFirstValue).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? principal.Identity?.Name;
        if (id is null || !CanBeId(id) || id.StartsWith(CertificatePrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var scopes = Values(principal, _scopeClaims).ToArray();
        var roles = scopes.Concat(Values(principal, _roleClaims)).SelectMany(name => _roles.GetValueOrDefault(name, []));
        return Make(id, [.. scopes.Where(IsPattern), .. roles, .. _callers.GetValueOrDefault(id, [])]);
    }

    /// <summary>Gives the caller that a certificate speaks for.</summary>
    /// <param name="name">The name in the certificate.</param>
    public Caller? OfCertificate(string name) => CanBeId(name) ? Make(CertificatePrefix + name, _certificates.GetValueOrDefault(name, [])) : null;

    private static string CertificatePrefix => "certificate:";

    private static Caller Make(string id, IReadOnlyList<string> permissions) => new(id, string.Join(' ', permissions.Distinct()));

    // Of several values some issuers make one with spaces, and others a claim each.
    private static IEnumerable<string> Values(ClaimsPrincipal principal, IReadOnlyList<string> claims) =>
        principal.Claims.Where(claim => claims.Contains(claim.Type)).SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static bool IsPattern(string text) => text is "*" || Names.IsPermission(text.EndsWith('*') ? text[..^1] : text);

    // What stands in logs must stay one line of a length.
    private static bool CanBeId(string id) => id.Length is > 0 and <= LongestId && !id.Any(char.IsControl);
}
