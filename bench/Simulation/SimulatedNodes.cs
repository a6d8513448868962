using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;

namespace Orrery.Simulation;

/// <summary>
/// Nodes that are not there, as the membership and the manifest would tell of them. Each has one of the roles, in turn, and
/// hosts the services of that role, which are the services in turn.
/// </summary>
/// <param name="nodes">How many nodes.</param>
/// <param name="roles">How many roles; with one, every node hosts every service.</param>
/// <param name="services">How many services.</param>
internal sealed class SimulatedNodes(int nodes, int roles, int services)
{
    private const int FirstPort = 20_000;
    private static readonly string[] Methods = ["add", "find", "list", "remove", "say"];
    private static readonly DateTimeOffset FirstStart = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ImmutableDictionary<GrainType, GrainProperties>[] _hosted = [.. Enumerable.Range(0, roles).Select(role => Hosted(role, roles, services))];

    public static string NodeId(int node) => string.Create(CultureInfo.InvariantCulture, $"node-{node}");

    public static string Role(int role) => string.Create(CultureInfo.InvariantCulture, $"role-{role}");

    public static string Service(int service) => string.Create(CultureInfo.InvariantCulture, $"service_{service}");

    public static SiloAddress Silo(int node) => SiloAddress.New(new IPEndPoint(IPAddress.Parse("192.0.2.1"), FirstPort + node), 1);

    public IEnumerable<ClusterMember> Members => Enumerable.Range(0, nodes).Select(node => new ClusterMember(Silo(node), SiloStatus.Active, NodeId(node)));

    public IEnumerable<KeyValuePair<SiloAddress, GrainManifest>> Manifests => Enumerable.Range(0, nodes).Select(node => KeyValuePair.Create(Silo(node), Manifest(node)));

    private GrainManifest Manifest(int node)
    {
        var card = new NodeCard([Role(node % roles)], StandsIn: false, [], null, "1.0.0", FirstStart.AddSeconds(node));
        return new GrainManifest(
            _hosted[node % roles].Add(NodeCard.GrainType, Properties((NodeCard.NodeIdKey, NodeId(node)), (NodeCard.Key, JsonSerializer.Serialize(card, WireJson.Options)))),
            ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty);
    }

    private static ImmutableDictionary<GrainType, GrainProperties> Hosted(int role, int roles, int services) => Enumerable.Range(0, services)
        .Where(service => service % roles == role)
        .Select(Service)
        .ToImmutableDictionary(ServiceContract.GrainTypeOf, name => Properties((ServiceGrainTypes.DescriptionKey, JsonSerializer.Serialize(Description(name), WireJson.Options))));

    private static ServiceDescription Description(string name) => new(name, "Keeps what it is given.", [], [.. Methods.Select(Method)]);

    private static MethodDescription Method(string name) => new(
        name,
        "Does what its name says.",
        Public: true,
        Cancellable: true,
        [new ParameterDescription("text", "string", Optional: false, Default: null), new ParameterDescription("number", "integer", Optional: false, Default: null)],
        "string");

    private static GrainProperties Properties(params (string Key, string Value)[] properties) =>
        new(properties.ToImmutableDictionary(property => property.Key, property => property.Value, StringComparer.Ordinal));
}
