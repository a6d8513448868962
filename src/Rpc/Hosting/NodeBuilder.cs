using System.Reflection;
using Orleans.Hosting;

namespace Orrery.Rpc.Hosting;

/// <summary>Says what a node hosts.</summary>
public sealed class NodeBuilder
{
    private readonly List<Assembly> _assemblies = [];

    internal NodeBuilder(ISiloBuilder silo) => Silo = silo;

    /// <summary>Orleans' own builder, for storage, filters, reminders and all else that is Orleans'.</summary>
    public ISiloBuilder Silo { get; }

    internal IReadOnlyList<Assembly> Assemblies => _assemblies;

    /// <summary>Adds the services of assemblies.</summary>
    public NodeBuilder AddServices(params Assembly[] assemblies)
    {
        _assemblies.AddRange(assemblies);
        return this;
    }
}
