using System.Reflection;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc;

/// <summary>The node that this process is. A service takes it in its constructor to know where it runs.</summary>
public sealed class LocalNode
{
    internal LocalNode(IOptions<NodeOptions> options, TimeProvider time)
    {
        NodeId = options.Value.NodeId!;
        Roles = options.Value.Roles;
        Capabilities = options.Value.Capabilities;
        Url = options.Value.Url;
        Version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        StartedAt = time.GetUtcNow();
    }

    /// <summary>Its unique name in the cluster.</summary>
    public string NodeId { get; }

    /// <summary>Its roles, the main one first.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>The operator's words about what it can do.</summary>
    public IReadOnlyList<string> Capabilities { get; }

    /// <summary>Its HTTP address, or null when it serves none.</summary>
    public string? Url { get; }

    /// <summary>The version of the program.</summary>
    public string Version { get; }

    /// <summary>When the node started.</summary>
    public DateTimeOffset StartedAt { get; }
}
