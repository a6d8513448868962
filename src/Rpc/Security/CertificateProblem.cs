using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Orrery.Rpc.Security;

/// <summary>Names what is wrong with the certificate of the other side.</summary>
public static class CertificateProblem
{
    /// <summary>
    /// Gives a stable word: <c>unknown_authority</c>, <c>expired</c> (or not valid yet), <c>wrong_usage</c>, <c>wrong_name</c> or
    /// <c>bad_certificate</c>; null when nothing is wrong.
    /// </summary>
    /// <param name="chain">The chain as it was built.</param>
    /// <param name="errors">What the handshake found.</param>
    public static string? Of(X509Chain? chain, SslPolicyErrors errors)
    {
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "wrong_name" : errors is SslPolicyErrors.None ? null : "bad_certificate";
        }

        var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != 0 ? "unknown_authority"
            : status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "expired"
            : status.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "wrong_usage"
            : "bad_certificate";
    }
}
