using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orrery.Rpc.Lifecycle;

/// <summary>What a node says of its services.</summary>
/// <param name="Silo">The node, in this one of its lives.</param>
/// <param name="Version">Of two, the one with the higher version is the later.</param>
/// <param name="Services">The services that are not simply well, by name.</param>
/// <param name="IsLeaving">Whether the node was told to stop.</param>
[GenerateSerializer, Immutable, Alias("orrery.node_conditions")]
internal sealed record NodeConditions(
    [property: Id(0)] SiloAddress Silo,
    [property: Id(1)] long Version,
    [property: Id(2)] ImmutableDictionary<string, ServiceCondition> Services,
    [property: Id(3)] bool IsLeaving = false);
