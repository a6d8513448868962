namespace Orrery.Rpc.Lifecycle;

/// <summary>A service on the node that hosts it.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="NodeId">The node.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Health">How it says it is doing.</param>
/// <param name="Reason">Why it is not running, or else why it is not healthy; null when all is well.</param>
/// <param name="ActiveSince">Since when it has had its present activation; null while it has none.</param>
/// <param name="AutoStart">Whether it starts with the node.</param>
/// <param name="AlwaysOn">Whether it can't be stopped.</param>
/// <param name="DependsOn">The services that it can't work without.</param>
[GenerateSerializer, Immutable, Alias("orrery.hosted_service")]
public sealed record HostedService(
    [property: Id(0)] string Name,
    [property: Id(1)] string NodeId,
    [property: Id(2)] ServiceStatus Status,
    [property: Id(3)] ServiceHealth Health,
    [property: Id(4)] string? Reason,
    [property: Id(5)] DateTimeOffset? ActiveSince,
    [property: Id(6)] bool AutoStart,
    [property: Id(7)] bool AlwaysOn,
    [property: Id(8)] IReadOnlyList<string> DependsOn);
