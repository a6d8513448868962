using Orrery.Gateway.Http;

namespace Orrery.Gateway.Security;

/// <summary>How callers can say who they are.</summary>
/// <param name="Tokens">Which tokens are taken; null for none.</param>
/// <param name="Certificates">Whether client certificates are.</param>
internal sealed record AuthenticationMeans(TokenSettings? Tokens, bool Certificates)
{
    /// <summary>Whether there is any. Without one every caller may do everything.</summary>
    public bool AreAny => Tokens is not null || Certificates;

    public static AuthenticationMeans Read(IConfiguration configuration) => new(
        TokenSettings.Read(configuration),
        TlsSettings.Read(configuration) is { AsksForCertificates: true });
}
