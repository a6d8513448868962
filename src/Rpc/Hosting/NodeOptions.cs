using System.Net;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// The settings of a node, from <c>Orrery:*</c> in appsettings.json, the environment (<c>Orrery__*</c>) and the command
/// line, in that order. Read once, at start; a wrong one stops the start.
/// </summary>
public sealed class NodeOptions
{
    /// <summary><c>Orrery:NodeId</c>: unique in the cluster. By default the main role and the silo port, e.g. <c>worker-40125</c>.</summary>
    public string? NodeId { get; set; }

    /// <summary><c>Orrery:Roles</c>: what the node is for, the main one first. By default as the host says: <c>worker</c> for a silo, every one for a gateway.</summary>
    public IReadOnlyList<string> Roles { get; set; } = [];

    /// <summary><c>Orrery:Capabilities</c>: words about what the node can do, for whoever reads the registry. None by default.</summary>
    public IReadOnlyList<string> Capabilities { get; set; } = [];

    /// <summary><c>Orrery:ClusterId</c>: nodes of different clusters never talk. <c>orrery</c> by default.</summary>
    public string ClusterId { get; set; } = "orrery";

    /// <summary>
    /// <c>Orrery:Seed</c>: the silo address of the node that keeps the membership in memory. 127.0.0.1:11111 by default;
    /// null when the membership is in a database.
    /// </summary>
    public IPEndPoint? Seed { get; set; }

    /// <summary>
    /// <c>Orrery:Address</c>: the IP address, or the name of it, at which others reach this node, and where its silo and client
    /// ports listen. 127.0.0.1 by default; any but a loopback address needs <c>Orrery:NodeTls</c>.
    /// </summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary><c>Orrery:SiloPort</c>: where other nodes reach this one. By default a free port; for a gateway without a database that of the seed while it is free.</summary>
    public int SiloPort { get; set; }

    /// <summary><c>Orrery:ClientPort</c>: where programs that are no nodes reach this one. By default a free port; 30000 for the seed while it is free.</summary>
    public int ClientPort { get; set; }

    /// <summary><c>Orrery:Url</c>: the HTTP address that others should use. By default the first one the host listens on; null when it serves no HTTP.</summary>
    public string? Url { get; set; }

    /// <summary>
    /// <c>Orrery:StopAcceptingAfter</c>: for how long a gateway that is told to stop still takes new connections, so that
    /// whoever shares out the requests sees that it is not ready, and sends no more. By default a second; nothing while no
    /// other node of the cluster serves HTTP, because nobody could send them elsewhere.
    /// </summary>
    public TimeSpan? StopAcceptingAfter { get; set; }

    /// <summary>Whether this node keeps the membership.</summary>
    public bool IsSeed => Seed is not null && Seed.Port == SiloPort && Seed.Address.Equals(Address);

    /// <summary>
    /// Whether nobody chose the roles: the node then takes the calls of its other roles only while no other node of the
    /// role hosts the service.
    /// </summary>
    internal bool StandsIn { get; set; }
}
