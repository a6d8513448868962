using System.Globalization;
using System.Text.Json;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;
using Orrery.Rpc.Placement;

namespace Orrery.Rpc.Catalog;

/// <summary>
/// Tells Orleans what a service class is: its grain type, and the properties that make it a service. They travel to
/// every node in the cluster's manifest, the catalog among them.
/// </summary>
internal sealed class ServiceGrainTypes(ServiceCatalog catalog) : IGrainTypeProvider, IGrainPropertiesProvider
{
    /// <summary>The property with the service's description, as JSON.</summary>
    public const string DescriptionKey = "orrery.service";

    /// <summary>The property with its signature, as JSON.</summary>
    public const string SignatureKey = "orrery.signature";

    /// <summary>Gives the service that the properties of a grain type describe, as each node reads those of the others; null for none.</summary>
    /// <param name="properties">From the manifest.</param>
    public static ServiceDescription? Read(GrainProperties properties)
    {
        var description = properties.Properties.GetValueOrDefault(DescriptionKey);
        var signature = properties.Properties.GetValueOrDefault(SignatureKey);
        return description is null
            ? null
            : JsonSerializer.Deserialize<ServiceDescription>(description, WireJson.Options)! with
            {
                Signature = signature is null ? null : JsonSerializer.Deserialize<ServiceSignature>(signature, WireJson.Options),
                Source = (description, signature),
            };
    }

    public bool TryGetGrainType(Type type, out GrainType grainType)
    {
        var isService = ServiceContract.IsService(type) && ServiceContract.ContractsOf(type).Length == 1;
        grainType = isService ? ServiceContract.GrainTypeOf(ServiceContract.NameOf(ServiceContract.ContractsOf(type)[0])) : default;
        return isService;
    }

    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (catalog.Find(grainClass) is not { } contract)
        {
            return;
        }

        properties[DescriptionKey] = JsonSerializer.Serialize(contract.Description, WireJson.Options);
        properties[SignatureKey] = JsonSerializer.Serialize(contract.Description.Signature, WireJson.Options);
        properties[WellKnownGrainTypeProperties.PlacementStrategy] = nameof(NodePlacement);
        properties[WellKnownGrainTypeProperties.Reentrant] = "true";
        properties[WellKnownGrainTypeProperties.Immovable] = ((byte)ImmovableKind.Any).ToString(CultureInfo.InvariantCulture);
        // What a service keeps in memory lives as long as its node, unless the author says otherwise.
        properties.TryAdd(WellKnownGrainTypeProperties.IdleDeactivationPeriod, WellKnownGrainTypeProperties.IndefiniteIdleDeactivationPeriodValue);
    }
}
