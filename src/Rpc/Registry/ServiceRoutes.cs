using System.Collections.Frozen;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Registry;

/// <summary>Where calls to one service can go, and to each of its methods: during a roll not every node has all of them.</summary>
internal sealed class ServiceRoutes : TargetRoutes
{
    private readonly FrozenDictionary<string, ServiceMethod>.AlternateLookup<ReadOnlySpan<char>> _methods;
    private readonly List<ServiceDescription> _versions;

    /// <summary>Makes the routes of a service.</summary>
    /// <param name="newest">Its version on the node that started last.</param>
    /// <param name="instances">Where it runs, those that started last first.</param>
    /// <param name="stableRoles">The roles whose calls all go to one node.</param>
    /// <param name="localNodeId">This node.</param>
    public ServiceRoutes(ServiceDescription newest, IReadOnlyList<ServiceInstance> instances, IReadOnlyCollection<string> stableRoles, string? localNodeId)
        : base(instances, stableRoles, localNodeId)
    {
        _versions = VersionsOf(newest, instances);
        var methods = Versions.Count == 1
            ? newest.Methods.ToFrozenDictionary(method => method.Name, method => new ServiceMethod(method, this))
            : MethodsOf(instances, having => new TargetRoutes(having, stableRoles, localNodeId)).ToFrozenDictionary(method => method.Description.Name);
        _methods = methods.GetAlternateLookup<ReadOnlySpan<char>>();
        Description = Versions.Count == 1 ? newest : newest with { Methods = [.. methods.Values.Select(method => method.Description).OrderBy(method => method.Name, StringComparer.Ordinal)] };
    }

    /// <summary>What the catalog says of it: of its methods, all that any node has.</summary>
    public ServiceDescription Description { get; }

    /// <summary>Its versions on live nodes, the newest first.</summary>
    public IReadOnlyList<ServiceDescription> Versions => _versions;

    /// <summary>Gives a method that at least one node has, or null.</summary>
    public ServiceMethod? Method(ReadOnlySpan<char> name) => _methods.TryGetValue(name, out var method) ? method : null;

    // By comparing: to hash the texts would cost more than all the rest. Mostly it is the very description of the one before.
    private static List<ServiceDescription> VersionsOf(ServiceDescription newest, IReadOnlyList<ServiceInstance> instances)
    {
        List<ServiceDescription> versions = [newest];
        var last = newest;
        foreach (var instance in instances.Where(instance => !ReferenceEquals(instance.Description, last)))
        {
            last = instance.Description;
            if (!versions.Exists(version => version.Source == last.Source))
            {
                versions.Add(last);
            }
        }

        return versions;
    }

    // Nodes with the same methods share their routes.
    private IEnumerable<ServiceMethod> MethodsOf(IReadOnlyList<ServiceInstance> instances, Func<IReadOnlyList<ServiceInstance>, TargetRoutes> routesTo)
    {
        var known = new Dictionary<string, TargetRoutes>();
        foreach (var name in Versions.SelectMany(version => version.Methods).Select(method => method.Name).Distinct())
        {
            var having = Versions.Where(version => version.Method(name) is not null).ToArray();
            var key = string.Join(' ', having.Select(version => _versions.IndexOf(version)));
            if (!known.TryGetValue(key, out var routes))
            {
                known[key] = routes = having.Length == Versions.Count ? this : routesTo([.. instances.Where(instance => having.Any(version => version.Source == instance.Description.Source))]);
            }

            yield return new ServiceMethod(Common([.. having.Select(version => version.Method(name)!)]), routes);
        }
    }

    // What one of the versions does not promise, a call to any of them must not count on.
    private static MethodDescription Common(MethodDescription[] methods) => methods[0] with
    {
        Idempotent = methods.All(method => method.Idempotent),
        Hedged = methods.All(method => method.Hedged),
    };
}

/// <summary>A method of a service.</summary>
/// <param name="Description">What the catalog says of it, in the newest version that has it.</param>
/// <param name="Routes">Where it is.</param>
internal sealed record ServiceMethod(MethodDescription Description, TargetRoutes Routes);
