using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orrery.Rpc.Security;

/// <summary>Looks at the certificate that the other side of one connection shows, and keeps what is wrong with it.</summary>
internal sealed class PeerCheck(NodeTlsSettings settings)
{
    /// <summary>What is wrong, as a stable word; null when nothing is known to be.</summary>
    public string? Problem { get; private set; }

    /// <summary>Decides; the chain, the dates and the usage have been looked at.</summary>
    public bool IsGood(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Problem = !settings.IsVerified ? null
            : certificate is not X509Certificate2 peer ? "no_certificate"
            : CertificateProblem.Of(chain, errors) is { } problem ? problem
            : !HasName(peer) ? "wrong_name"
            : null;
        return Problem is null;
    }

    // Names that can't be read are none.
    private bool HasName(X509Certificate2 peer)
    {
        try
        {
            return peer.MatchesHostname(settings.Name, allowWildcards: false, allowCommonName: false);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
