namespace Orrery.Rpc.Routing;

/// <summary>Where a call to an address would go now, and why.</summary>
/// <param name="Address">The address.</param>
/// <param name="TargetIs">What the target is taken for.</param>
/// <param name="NodeId">The node that the call would go to; null when it would go to all candidates, or nowhere.</param>
/// <param name="Why">How the node is chosen, in words.</param>
/// <param name="Candidates">The nodes that it could go to, by node id.</param>
/// <param name="Excluded">The other nodes of the cluster, by node id.</param>
/// <param name="Error">What the caller would be told; null when the call would go somewhere.</param>
public sealed record Resolution(
    string Address,
    TargetKind? TargetIs,
    string? NodeId,
    string? Why,
    IReadOnlyList<Candidate> Candidates,
    IReadOnlyList<ExcludedNode> Excluded,
    RpcError? Error);

/// <summary>What the target of an address is taken for.</summary>
public enum TargetKind
{
    /// <summary>No target: this node if it hosts the service, else any that does.</summary>
    AnyNode,

    /// <summary>A role.</summary>
    Role,

    /// <summary>A node id.</summary>
    Node,

    /// <summary><c>@all</c>: every node, or every one of a role.</summary>
    AllNodes,
}

/// <summary>A node that a call could go to.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="CallsInFlight">The calls that this node has sent to the service there and not seen answered.</param>
/// <param name="LatencyMs">How long a call has taken lately, as the choice takes it: what is long ago counts less. Null when there was none.</param>
/// <param name="Circuit">Whether calls stay away because too many failed.</param>
public sealed record Candidate(string NodeId, int CallsInFlight, double? LatencyMs, CircuitState Circuit);

/// <summary>A node that a call would not go to.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Reason">Why not.</param>
public sealed record ExcludedNode(string NodeId, string Reason);
