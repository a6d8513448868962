using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Registry;

/// <summary>A service as the registry knows it.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Description">The author's sentence, if any.</param>
/// <param name="Roles">The roles that may host it; empty for every node.</param>
/// <param name="Methods">Its methods, by name.</param>
/// <param name="Nodes">The ids of the live nodes that host it, in order.</param>
public sealed record RegisteredService(
    string Name,
    string? Description,
    IReadOnlyList<string> Roles,
    IReadOnlyList<MethodDescription> Methods,
    IReadOnlyList<string> Nodes);
