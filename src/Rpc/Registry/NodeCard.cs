using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Registry;

/// <summary>What a node tells the others about itself, in the cluster's manifest.</summary>
/// <param name="Roles">Its roles, the main one first.</param>
/// <param name="StandsIn">Whether it takes calls for its other roles only while no other node of the role hosts the service.</param>
/// <param name="Capabilities">The operator's words.</param>
/// <param name="Url">Its HTTP address.</param>
/// <param name="Version">The version of its program.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Pod">What it says of its pod, when it is one.</param>
internal sealed record NodeCard(
    IReadOnlyList<string> Roles,
    bool StandsIn,
    IReadOnlyList<string> Capabilities,
    string? Url,
    string Version,
    DateTimeOffset StartedAt,
    PodMark? Pod = null)
{
    public const string Key = "orrery.card";

    public const string NodeIdKey = "orrery.node_id";

    /// <summary>With the services' prefix, so that it is placed as they are: on the node that its key names.</summary>
    public static readonly GrainType GrainType = GrainType.Create(GrainTypeName);

    public const string GrainTypeName = "svc.orrery.node";
}

/// <summary>What nodes tell one another. That every node has it gives each an entry in the manifest that carries its card.</summary>
[Alias("orrery.node_card")]
internal interface INodeCard : IGrainWithStringKey
{
    /// <summary>Takes what another node says of its services.</summary>
    [Alias("tell")]
    ValueTask Tell(NodeConditions conditions);

    /// <summary>Answers, to show that the node does.</summary>
    [Alias("ping")]
    ValueTask Ping();

    /// <summary>Gives what this node knows of the services of all nodes, its own included.</summary>
    [Alias("ask")]
    ValueTask<IReadOnlyList<NodeConditions>> Ask();
}

/// <inheritdoc cref="INodeCard"/>
[GrainType(NodeCard.GrainTypeName), Reentrant]
internal sealed class NodeCardGrain(NodeRegistry registry) : Grain, INodeCard
{
    public static INodeCard Of(IGrainFactory grains, string nodeId) => grains.GetGrain<INodeCard>(GrainId.Create(NodeCard.GrainType, IdSpan.Create(nodeId)));

    public ValueTask Tell(NodeConditions conditions)
    {
        registry.Accept(conditions);
        return ValueTask.CompletedTask;
    }

    public ValueTask Ping() => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<NodeConditions>> Ask() => new(registry.Conditions);
}

/// <summary>Writes this node's card into the manifest.</summary>
internal sealed class NodeCardWriter(IOptions<NodeOptions> options, LocalNode node, PodMark? pod = null) : IGrainPropertiesProvider
{
    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (grainType != NodeCard.GrainType)
        {
            return;
        }

        properties[NodeCard.NodeIdKey] = node.NodeId;
        var card = new NodeCard(node.Roles, options.Value.StandsIn, node.Capabilities, node.Url, node.Version, node.StartedAt, pod);
        properties[NodeCard.Key] = JsonSerializer.Serialize(card, WireJson.Options);
    }
}
