using Microsoft.Extensions.Options;
using OpenTelemetry.Resources;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;

namespace Orrery.Operations.Telemetry;

/// <summary>Says which node the telemetry is from.</summary>
internal sealed class NodeResource(LocalNode node, IOptions<NodeOptions> options) : IResourceDetector
{
    public Resource Detect() => new(new Dictionary<string, object>
    {
        ["service.namespace"] = options.Value.ClusterId,
        ["service.name"] = $"orrery-{node.Roles[0]}",
        ["service.instance.id"] = node.NodeId,
        ["service.version"] = node.Version,
    });
}
