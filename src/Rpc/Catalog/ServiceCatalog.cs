using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Catalog;

/// <summary>
/// The services that this node hosts. Reading it checks every service class that the node was given, and takes those
/// that its roles may not host out of Orleans' list, so that the cluster's manifest tells the truth about each node.
/// </summary>
internal sealed class ServiceCatalog(ContractReading reading, IOptions<NodeOptions> node) : IPostConfigureOptions<GrainTypeOptions>
{
    private FrozenDictionary<GrainType, ServiceContract> _byType = FrozenDictionary<GrainType, ServiceContract>.Empty;

    /// <summary>The hosted services, by the type of their grain. Filled when Orleans reads its grain classes, before the node starts.</summary>
    public FrozenDictionary<GrainType, ServiceContract> Hosted => _byType;

    public ServiceContract? Find(Type grainClass) => _byType.Values.FirstOrDefault(contract => contract.GrainClass == grainClass);

    public void PostConfigure(string? name, GrainTypeOptions options)
    {
        var violations = new List<string>();
        var contracts = options.Classes.Where(ServiceContract.IsService).Select(type => reading.Read(type, violations)).OfType<ServiceContract>().ToArray();
        foreach (var group in contracts.GroupBy(contract => contract.Description.Name).Where(group => group.Count() > 1))
        {
            violations.Add($"{string.Join(" and ", group.Select(contract => contract.GrainClass))} are both the service '{group.Key}'. Remove one, or name it with [Service(\"other_name\")] on its interface.");
        }

        if (violations.Count > 0)
        {
            throw new OptionsValidationException(nameof(GrainTypeOptions), typeof(GrainTypeOptions), violations);
        }

        var hosted = contracts.Where(contract => IsHosted(contract.Description)).ToArray();
        foreach (var contract in contracts.Except(hosted))
        {
            options.Classes.Remove(contract.GrainClass);
        }

        _byType = hosted.ToFrozenDictionary(contract => contract.GrainType);
    }

    private bool IsHosted(ServiceDescription service) => service.Roles.Count == 0 || service.Roles.Intersect(node.Value.Roles).Any();
}
