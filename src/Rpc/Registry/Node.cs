namespace Orrery.Rpc.Registry;

/// <summary>A node as every caller sees it.</summary>
/// <param name="NodeId">Its unique name in the cluster; on Kubernetes the pod's name.</param>
/// <param name="Address">The IP address that other nodes reach it at.</param>
/// <param name="Port">The port that other nodes reach it at.</param>
/// <param name="Role">Its main role: the first of <paramref name="Roles"/>. Null while it is joining.</param>
/// <param name="Roles">All its roles.</param>
/// <param name="Capabilities">Words of the operator's about what it can do.</param>
/// <param name="Services">The names of the services that it hosts.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Url">Its HTTP address, or null when it serves none.</param>
/// <param name="Version">The version of the program it runs. Null while it is joining.</param>
/// <param name="StartedAt">When its process started. Null while it is joining.</param>
[GenerateSerializer, Immutable, Alias("orrery.node")]
public sealed record Node(
    [property: Id(0)] string NodeId,
    [property: Id(1)] string Address,
    [property: Id(2)] int Port,
    [property: Id(3)] string? Role,
    [property: Id(4)] IReadOnlyList<string> Roles,
    [property: Id(5)] IReadOnlyList<string> Capabilities,
    [property: Id(6)] IReadOnlyList<string> Services,
    [property: Id(7)] NodeStatus Status,
    [property: Id(8)] string? Url,
    [property: Id(9)] string? Version,
    [property: Id(10)] DateTimeOffset? StartedAt);

/// <summary>Where a node is in its life.</summary>
public enum NodeStatus
{
    /// <summary>In the membership, but what it hosts is not known here yet: no call goes there.</summary>
    Joining,

    /// <summary>Calls go there.</summary>
    Alive,

    /// <summary>Told to stop: it finishes what it is in, and calls go elsewhere.</summary>
    Draining,

    /// <summary>Went away without saying so. Listed for a minute, then gone.</summary>
    Dead,
}
