using k8s.Models;

namespace Orrery.Deploy.Tests.Manifests;

/// <summary>Which objects a selector selects.</summary>
internal static class Labels
{
    /// <summary>As Kubernetes does: a selector that says nothing selects everything.</summary>
    public static bool Match(this V1LabelSelector selector, IDictionary<string, string> labels) =>
        (selector.MatchLabels ?? new Dictionary<string, string>()).All(pair => labels.TryGetValue(pair.Key, out var value) && value == pair.Value)
        && (selector.MatchExpressions ?? []).All(expression => Holds(expression, labels));

    private static bool Holds(V1LabelSelectorRequirement expression, IDictionary<string, string> labels)
    {
        var isThere = labels.TryGetValue(expression.Key, out var value);
        return expression.OperatorProperty switch
        {
            "In" => isThere && expression.Values.Contains(value!),
            "NotIn" => !isThere || !expression.Values.Contains(value!),
            "Exists" => isThere,
            "DoesNotExist" => !isThere,
            var other => throw new InvalidOperationException($"'{other}' is not an operator of a selector."),
        };
    }
}
