using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Invocation;

/// <summary>The methods of the services on this node, ready to be called with JSON. Made once, at start.</summary>
internal sealed class ServiceInvokers
{
    private readonly FrozenDictionary<GrainType, Service> _services;

    // The options are taken for their effect: reading them is what fills the catalog.
    public ServiceInvokers(ServiceCatalog catalog, IOptions<GrainTypeOptions> grainTypes)
    {
        _ = grainTypes.Value;
        _services = catalog.Hosted.ToFrozenDictionary(
            hosted => hosted.Key,
            hosted => new Service(
                hosted.Value.Description.Name,
                hosted.Value.Interface,
                hosted.Value.Methods.ToFrozenDictionary(method => method.Description.Name, method => new MethodInvoker(hosted.Value, method))));
    }

    public Service? Find(GrainType grainType) => _services.GetValueOrDefault(grainType);

    public sealed class Service(string name, Type contract, FrozenDictionary<string, MethodInvoker> methods)
    {
        public string Name { get; } = name;

        public Type Contract { get; } = contract;

        public MethodInvoker? Find(string method) => methods.GetValueOrDefault(method);
    }
}
