using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Registry;

/// <summary>What a node tells the others about itself, in the cluster's manifest.</summary>
/// <param name="Roles">Its roles, the main one first.</param>
/// <param name="StandsIn">Whether it takes calls for its other roles only while no other node of the role hosts the service.</param>
/// <param name="Capabilities">The operator's words.</param>
/// <param name="Url">Its HTTP address.</param>
/// <param name="Version">The version of its program.</param>
/// <param name="StartedAt">When it started.</param>
internal sealed record NodeCard(
    IReadOnlyList<string> Roles,
    bool StandsIn,
    IReadOnlyList<string> Capabilities,
    string? Url,
    string Version,
    DateTimeOffset StartedAt)
{
    public const string Key = "orrery.card";

    public const string NodeIdKey = "orrery.node_id";

    public static readonly GrainType GrainType = GrainType.Create("orrery.node");
}

/// <summary>Exists so that every node has an entry in the manifest that can carry its card. Nobody calls it.</summary>
internal interface INodeCard : IGrainWithStringKey;

/// <inheritdoc cref="INodeCard"/>
[GrainType("orrery.node")]
internal sealed class NodeCardGrain : Grain, INodeCard;

/// <summary>Writes this node's card into the manifest.</summary>
internal sealed class NodeCardWriter(IOptions<NodeOptions> options, LocalNode node) : IGrainPropertiesProvider
{
    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (grainType != NodeCard.GrainType)
        {
            return;
        }

        properties[NodeCard.NodeIdKey] = node.NodeId;
        var card = new NodeCard(node.Roles, options.Value.StandsIn, node.Capabilities, node.Url, node.Version, node.StartedAt);
        properties[NodeCard.Key] = JsonSerializer.Serialize(card, WireJson.Options);
    }
}
