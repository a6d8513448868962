namespace Orrery.Grains.SystemService;

/// <summary>A node's machine, operating system and runtime.</summary>
/// <param name="NodeId">The node that answered.</param>
/// <param name="Hostname">The machine's name.</param>
/// <param name="Os">The operating system and its version.</param>
/// <param name="Architecture">The processor architecture of the process, e.g. <c>x64</c>.</param>
/// <param name="Runtime">The .NET runtime and its version.</param>
/// <param name="ProcessorCount">The processors that the process may use; a container's limit counts.</param>
/// <param name="TotalMemoryBytes">The memory that the process may use, in bytes; a container's limit counts.</param>
/// <param name="UptimeSeconds">For how long the node has run.</param>
/// <param name="Version">The version of the program.</param>
[GenerateSerializer, Immutable, Alias("orrery.system_info")]
public sealed record SystemInfo(
    [property: Id(0)] string NodeId,
    [property: Id(1)] string Hostname,
    [property: Id(2)] string Os,
    [property: Id(3)] string Architecture,
    [property: Id(4)] string Runtime,
    [property: Id(5)] int ProcessorCount,
    [property: Id(6)] long TotalMemoryBytes,
    [property: Id(7)] double UptimeSeconds,
    [property: Id(8)] string Version);
