using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Security;

/// <summary>How nodes, and the programs that connect to them, prove to one another who they are, from <c>Orrery:NodeTls</c>.</summary>
/// <param name="Name">The DNS name that the certificate of each must have.</param>
/// <param name="IsVerified">Whether certificates are looked at.</param>
internal sealed record NodeTlsSettings(string Name, bool IsVerified)
{
    /// <summary>The section of the configuration, below <see cref="Settings.Section"/>.</summary>
    public const string Section = "NodeTls";

    private static readonly string[] Keys = ["Enabled", "Certificate", "Key", "Password", "Password_FILE", "Ca", "Name", "Verify"];

    /// <summary>Reads the section; null when connections between nodes are not protected.</summary>
    /// <exception cref="OptionsValidationException">It is switched on, and something is missing.</exception>
    public static NodeTlsSettings? Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly(Keys, Section);
        var hasCertificate = settings.Text($"{Section}:Certificate") is not null;
        // Who sets only some of them does not want to be unprotected.
        var isEnabled = settings.Text($"{Section}:Enabled") is null ? Keys.Any(key => settings.Text($"{Section}:{key}") is not null) : settings.Flag($"{Section}:Enabled");
        var isVerified = settings.Text($"{Section}:Verify") is null || settings.Flag($"{Section}:Verify");
        if (isEnabled && !hasCertificate)
        {
            settings.Fail($"{Section}:Certificate", "it is missing. Name the PEM or PFX file with the certificate of this node, or set Orrery:NodeTls:Enabled to false");
        }

        if (isEnabled && isVerified && settings.Text($"{Section}:Ca") is null)
        {
            settings.Fail($"{Section}:Ca", "it is missing. Name the PEM file with the certificate of the authority that signs those of the cluster's nodes");
        }

        var name = settings.Text($"{Section}:Name") ?? settings.Text("ClusterId") ?? new NodeOptions().ClusterId;
        if (isEnabled && Uri.CheckHostName(name) is not UriHostNameType.Dns)
        {
            settings.Fail($"{Section}:Name", $"'{name}' can't be a DNS name, so no certificate has it. Give the one that the certificates of all nodes have; without it, it is the cluster's id");
        }

        settings.ThrowIfFailed();
        return isEnabled ? new NodeTlsSettings(name, isVerified) : null;
    }
}
