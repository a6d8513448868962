using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc;

/// <summary>A service's answer to <see cref="IService.Ping"/>.</summary>
/// <param name="NodeId">The node that answered.</param>
/// <param name="Service">The service.</param>
/// <param name="Health">How it says it is doing.</param>
/// <param name="Reason">Why it is not healthy; else null.</param>
[GenerateSerializer, Immutable, Alias("orrery.pong")]
public sealed record Pong(
    [property: Id(0)] string NodeId,
    [property: Id(1)] string Service,
    [property: Id(2)] ServiceHealth Health,
    [property: Id(3)] string? Reason);
