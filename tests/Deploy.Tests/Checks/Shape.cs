using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>What is read of a manifest says the same as its text: no field is lost, and none is of another type than its kind has.</summary>
internal static class Shape
{
    /// <summary>Compares objects with the text that they were read from.</summary>
    public static IEnumerable<string> Problems(string yaml, IEnumerable<object> objects)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Zip(objects, (document, thing) => Differences("", Tree(document.RootNode), JsonNode.Parse(KubernetesJson.Serialize(thing)))).SelectMany(found => found);
    }

    // An unquoted number or truth in a place for text passes for text when it is read, and Kubernetes refuses it.
    private static JsonNode? Tree(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Tree(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Tree)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } => Plain(text),
        YamlScalarNode { Value: { } text } => JsonValue.Create(text),
        _ => null,
    };

    private static JsonValue? Plain(string text)
    {
        try
        {
            return text is "" or "~" ? null : JsonNode.Parse(text) is JsonValue value && value.GetValueKind() is not JsonValueKind.String ? value : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static IEnumerable<string> Differences(string path, JsonNode? written, JsonNode? read)
    {
        switch (written, read)
        {
            case (JsonObject left, JsonObject right):
                return left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)).SelectMany(key => Differences($"{path}/{key}", left[key], right[key]));
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                return left.Zip(right).SelectMany((pair, index) => Differences($"{path}/{index}", pair.First, pair.Second));
            // Kustomize folds what a Secret holds, and base64 does not mind.
            case (JsonValue left, JsonValue right) when path.StartsWith("/data/", StringComparison.Ordinal) && left.ToString().ReplaceLineEndings("") == right.ToString().ReplaceLineEndings("") && left.GetValueKind() == right.GetValueKind():
                return [];
            // A list or map that has nothing in it is as good as none.
            case (JsonObject { Count: 0 } or JsonArray { Count: 0 }, null):
                return [];
            default:
                return JsonNode.DeepEquals(written, read) ? [] : [$"{path}: {written?.ToJsonString()} is read as {read?.ToJsonString()}"];
        }
    }
}
