using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Configuration;

namespace Orrery.Rpc.Catalog;

/// <summary>
/// Reads the services of assemblies on another thread, beside the rest of the start: it takes a node longer than anything
/// else does that needs nothing of the node.
/// </summary>
/// <param name="assemblies">Those of the services, or of most: what else is asked for is read then.</param>
internal sealed class ContractReading(IReadOnlyCollection<Assembly> assemblies)
{
    private readonly Task<Dictionary<Type, Outcome>> _ahead =
        Task.Run(() => GrainClasses(assemblies).Where(ServiceContract.IsService).ToDictionary(type => type, Outcome.Of));

    /// <summary>Gives what a class is as a service; adds to the violations what could never work.</summary>
    public ServiceContract? Read(Type grainClass, List<string> violations)
    {
        var outcome = _ahead.GetAwaiter().GetResult().TryGetValue(grainClass, out var known) ? known : Outcome.Of(grainClass);
        violations.AddRange(outcome.Violations);
        return outcome.Contract;
    }

    // As Orleans itself finds them.
    private static HashSet<Type> GrainClasses(IReadOnlyCollection<Assembly> assemblies)
    {
        var manifest = new TypeManifestOptions();
        foreach (var provider in assemblies.SelectMany(assembly => assembly.GetCustomAttributes<TypeManifestProviderAttribute>()))
        {
            ((IConfigureOptions<TypeManifestOptions>)Activator.CreateInstance(provider.ProviderType)!).Configure(manifest);
        }

        return manifest.InterfaceImplementations;
    }

    private sealed record Outcome(ServiceContract? Contract, List<string> Violations)
    {
        public static Outcome Of(Type grainClass)
        {
            var violations = new List<string>();
            return new(ServiceContract.Read(grainClass, violations), violations);
        }
    }
}
