using System.Text.Json;

namespace Orrery.Cluster.Tests.Processes;

internal static class NodeJson
{
    public static JsonElement? Find(this IEnumerable<JsonElement> nodes, string nodeId) =>
        nodes.Select(node => (JsonElement?)node).FirstOrDefault(node => node!.Value.GetProperty("node_id").GetString() == nodeId);

    public static bool Has(this IEnumerable<JsonElement> nodes, string nodeId, string status) =>
        nodes.Find(nodeId)?.GetProperty("status").GetString() == status;
}
