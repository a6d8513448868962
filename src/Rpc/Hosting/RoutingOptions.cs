namespace Orrery.Rpc.Hosting;

/// <summary>How calls choose a node. Bound from <c>Orrery</c>.</summary>
public sealed class RoutingOptions
{
    /// <summary>
    /// The roles whose calls always go to the node of the role that has run longest, so that state kept there stays in
    /// one place. <c>coordinator</c> by default.
    /// </summary>
    public IReadOnlyList<string> StableRoles { get; set; } = ["coordinator"];
}
