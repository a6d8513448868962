namespace Orrery.Rpc.Hosting;

/// <summary>What a host chooses for a node where the operator chose nothing.</summary>
/// <param name="Roles">The roles, the main one first.</param>
/// <param name="BecomesSeed">Whether it takes the seed's port, and so keeps the membership, while that port is free.</param>
public sealed record NodeDefaults(IReadOnlyList<string> Roles, bool BecomesSeed = false);
