using System.Text.Json;

namespace Orrery.Rpc.Catalog;

/// <summary>What the catalog says of a service.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Description">The author's sentence, if any.</param>
/// <param name="Roles">The roles that may host it; empty for every node.</param>
/// <param name="Methods">Its methods, by name.</param>
/// <param name="AutoStart">Whether it starts with its node, and not with the first call.</param>
/// <param name="AlwaysOn">Whether it can't be stopped.</param>
public sealed record ServiceDescription(
    string Name,
    string? Description,
    IReadOnlyList<string> Roles,
    IReadOnlyList<MethodDescription> Methods,
    bool AutoStart = false,
    bool AlwaysOn = false)
{
    /// <summary>How many of its calls one node runs at once; null for what the node's settings say.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>The services that it can't work without.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>What its methods take and give, in full; null of a node that does not tell.</summary>
    internal ServiceSignature? Signature { get; init; }

    /// <summary>The texts that it was read from: the same on all nodes that have the same version.</summary>
    internal (string? Description, string? Signature) Source { get; init; }

    /// <summary>Gives a method, or null.</summary>
    internal MethodDescription? Method(string name) => Methods.FirstOrDefault(method => method.Name == name);
}

/// <summary>What the catalog says of a method.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Description">The author's sentence, if any.</param>
/// <param name="Public">Whether callers outside the cluster may call it.</param>
/// <param name="Cancellable">Whether a caller that hangs up stops it.</param>
/// <param name="Parameters">Its parameters, in the order of positional ones.</param>
/// <param name="Returns">The JSON type of its result, or <c>null</c> when it has none.</param>
/// <param name="Idempotent">Whether running it twice is the same as running it once.</param>
/// <param name="Hedged">Whether a second attempt starts when the first is unusually slow.</param>
/// <param name="TimeoutMs">For how long a caller waits who does not say.</param>
public sealed record MethodDescription(
    string Name,
    string? Description,
    bool Public,
    bool Cancellable,
    IReadOnlyList<ParameterDescription> Parameters,
    string Returns,
    bool Idempotent = false,
    bool Hedged = false,
    int TimeoutMs = MethodDescription.DefaultTimeoutMs)
{
    /// <summary>The <see cref="TimeoutMs"/> of a method that does not set it: 30 s.</summary>
    public const int DefaultTimeoutMs = 30_000;

    /// <summary>What a caller outside the cluster must be permitted; null when it is enough to say who it is.</summary>
    public string? Permission { get; init; }

    /// <summary>Whether callers outside may call it without saying who they are.</summary>
    public bool Anonymous { get; init; }
}

/// <summary>What the catalog says of a parameter.</summary>
/// <param name="Name">Its name in named parameters.</param>
/// <param name="Type">Its JSON type in words, e.g. <c>integer</c> or <c>array of string</c>.</param>
/// <param name="Optional">Whether it may be left out.</param>
/// <param name="Default">The value it has when left out.</param>
public sealed record ParameterDescription(string Name, string Type, bool Optional, JsonElement? Default);
