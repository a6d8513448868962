using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Models;
using Orrery.Deploy.Tests.Manifests;

namespace Orrery.Deploy.Tests.Checks;

/// <summary>Alerts, the dashboard and the autoscalers ask for metrics that there are.</summary>
internal static partial class Metrics
{
    /// <summary>What the manifests may ask for: the names that nodes have for Prometheus, and its own.</summary>
    public static readonly IReadOnlyList<string> Known =
    [
        "dotnet_gc_pause_time_seconds_total",
        "dotnet_process_cpu_time_seconds_total",
        "dotnet_process_memory_working_set_bytes",
        "dotnet_thread_pool_queue_length_total",
        "orrery_calls_hedges_total",
        "orrery_calls_in_flight",
        "orrery_calls_retries_total",
        "orrery_calls_waiting",
        "orrery_circuits_open",
        "orrery_refusals_total",
        "orrery_registry_nodes",
        "rpc_client_call_duration_seconds_bucket",
        "rpc_client_call_duration_seconds_count",
        "rpc_server_call_duration_seconds_bucket",
        "rpc_server_call_duration_seconds_count",
        "up",
    ];

    private static readonly string[] Words =
        ["absent", "by", "histogram_quantile", "label_values", "max", "min", "min_over_time", "rate", "sum", "topk"];

    public static IEnumerable<string> Problems(ManifestSet set) => [.. OfAlerts(set), .. OfDashboards(set), .. OfScalers(set)];

    private static IEnumerable<string> OfAlerts(ManifestSet set)
    {
        foreach (var rule in set.All<PrometheusRule>().SelectMany(rules => rules.Spec!.Groups!).SelectMany(group => group.Rules!))
        {
            foreach (var name in Unknown(rule.Expr!))
            {
                yield return $"{rule.Alert} asks for {name}";
            }

            if (rule.For is null || rule.Annotations?.ContainsKey("summary") is not true || rule.Labels?.GetValueOrDefault("severity") is not ("warning" or "critical"))
            {
                yield return $"{rule.Alert} does not say what it is, how bad, or comes at once";
            }
        }
    }

    private static IEnumerable<string> OfDashboards(ManifestSet set)
    {
        foreach (var map in set.All<V1ConfigMap>().Where(map => map.Metadata.Labels?.ContainsKey("grafana_dashboard") is true))
        {
            using var dashboard = JsonDocument.Parse(map.Data.Single().Value);
            var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();
            if (panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count() != panels.Length || panels.Length == 0)
            {
                yield return "the dashboard has two panels of one number, or none";
            }

            var asked = panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!)
                .Concat(dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("query").GetString()!).Where(query => query.Contains('(', StringComparison.Ordinal)));
            foreach (var name in asked.SelectMany(Unknown))
            {
                yield return $"the dashboard asks for {name}";
            }
        }
    }

    private static IEnumerable<string> OfScalers(ManifestSet set) =>
        from scaler in set.All<V2HorizontalPodAutoscaler>()
        from metric in scaler.Spec.Metrics
        where metric.Pods is { } pods && !Known.Contains(pods.Metric.Name)
        select $"the autoscaler {scaler.Metadata.Name} asks for {metric.Pods.Metric.Name}";

    // Without what stands in quotes, braces and brackets, and after by, the words that are left are functions and metrics.
    private static IEnumerable<string> Unknown(string expression) =>
        Word().Matches(Aside().Replace(expression, " ")).Select(match => match.Value).Distinct().Where(word => !Known.Contains(word) && !Words.Contains(word));

    [GeneratedRegex("\"[^\"]*\"|\\{[^}]*\\}|\\[[^\\]]*\\]|\\bby\\s*\\([^)]*\\)|, namespace\\)")]
    private static partial Regex Aside();

    [GeneratedRegex(@"(?<![\w.])[a-z_]\w*")]
    private static partial Regex Word();
}
