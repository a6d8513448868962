using System.Collections.Frozen;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Registry;

/// <summary>Reads what services the nodes host from the manifest. All nodes with the same version of a service share one description.</summary>
/// <param name="known">The services that have been read before.</param>
internal sealed class DescriptionReader(FrozenDictionary<string, ServiceRoutes> known)
{
    private readonly Dictionary<GrainType, List<ServiceDescription>> _versions = [];

    public IReadOnlyList<ServiceDescription> Read(GrainManifest manifest) =>
        [.. manifest.Grains.Where(grain => grain.Value.Properties.ContainsKey(ServiceGrainTypes.DescriptionKey)).Select(grain => Read(grain.Key, grain.Value))];

    private ServiceDescription Read(GrainType type, GrainProperties properties)
    {
        if (!_versions.TryGetValue(type, out var versions))
        {
            // Of a service that no node hosts, what is known is put together from versions that have been.
            _versions[type] = versions = known.TryGetValue(ServiceContract.NameOf(type), out var routes) && routes.All.Length > 0 ? [.. routes.Versions] : [];
        }

        var source = (properties.Properties[ServiceGrainTypes.DescriptionKey], properties.Properties.GetValueOrDefault(ServiceGrainTypes.SignatureKey));
        if (versions.Find(version => version.Source == source) is { } version)
        {
            return version;
        }

        version = ServiceGrainTypes.Read(properties)!;
        versions.Add(version);
        return version;
    }
}
