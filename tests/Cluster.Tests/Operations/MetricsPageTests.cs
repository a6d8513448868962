using System.Net;
using System.Text.RegularExpressions;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Cluster.Tests.Operations;

public sealed partial class MetricsPageTests
{
    private const string Count = "rpc_server_call_duration_seconds_count";
    private static readonly (string Label, string Value) Others = ("rpc_method", "_OTHER");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prometheus_is_told_of_calls_where_they_come_in_where_they_are_sent_and_where_they_run()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1", "--role", "gateway");
        var client = new RpcClient(await gateway.AnswersAsync());
        var worker = await cluster.StartNodeAsync("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        await client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive"));
        await client.ResultAsync("calculator/worker-1/sum", new { values = new[] { 1, 2 } });
        await client.ErrorAsync("calculator/worker-1/sum", new { values = new[] { 1e308, 1e308 } });

        var page = await ReadAsync(gateway);
        Assert.Equal("histogram", page.TypeOf("rpc_server_call_duration_seconds"));
        Assert.Equal("counter", page.TypeOf("dotnet_gc_collections_total"));
        Assert.Equal("gauge", page.TypeOf("orrery_calls_in_flight"));
        Assert.Equal(1, page.Value(Count, ("rpc_system_name", "jsonrpc"), ("rpc_method", "calculator/sum")));
        Assert.Equal(1, page.Value(Count, ("rpc_system_name", "jsonrpc"), ("rpc_method", "calculator/sum"), ("rpc_response_status_code", "-32000"), ("error_type", "service_error")));
        Assert.Equal(1, page.Value("rpc_client_call_duration_seconds_count", ("rpc_system_name", "orrery"), ("rpc_method", "calculator/sum")));
        Assert.Equal(2, page.Value("orrery_registry_nodes", ("status", "alive")));
        Assert.Contains(page.Lines, line => line.StartsWith("orrery_registry_age_seconds", StringComparison.Ordinal));
        Assert.Contains(page.Lines, line => line.StartsWith("orleans_", StringComparison.Ordinal));
        Assert.Equal(1, (await ReadAsync(worker)).Value(Count, ("rpc_system_name", "orrery"), ("rpc_method", "calculator/sum")));
    }

    [Fact]
    public async Task Whatever_callers_send_makes_no_more_time_series()
    {
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--node-id", "gateway-1");
        var client = new RpcClient(await gateway.AnswersAsync());
        await client.ErrorAsync("nobody/nothing");
        await client.ErrorAsync("system/get_nothing");
        await client.ErrorAsync("system/nowhere/get_system_info");
        await client.ErrorAsync("///");
        // The first report that a node makes of itself is made of calls, too.
        var before = (await ReadUntilAsync(gateway, page =>
            page.Sum(Count, Others) >= 4 && page.Sum(Count, ("rpc_method", "metrics_dashboard/report_metrics")) > 0)).SeriesOfCalls;

        for (var i = 0; i < 200; i++)
        {
            await client.ErrorAsync($"nobody_{i}/nothing");
            await client.ErrorAsync($"system/get_nothing_{i}");
            await client.ErrorAsync($"system/nowhere-{i}/get_system_info");
            await client.ErrorAsync(string.Join('/', Enumerable.Repeat($"{i}", 5)));
        }

        var after = (await ReadUntilAsync(gateway, page => page.Sum(Count, Others) >= 804)).SeriesOfCalls;
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_node_without_telemetry_has_no_metrics_and_still_tells_how_it_is()
    {
        await using var cluster = new ProcessCluster();
        cluster.Environment["OTEL_SDK_DISABLED"] = "true";
        var gateway = cluster.LaunchGateway();
        var client = new RpcClient(await gateway.AnswersAsync());
        await client.ResultAsync("system/get_system_info");

        using var http = new HttpClient { BaseAddress = await gateway.IsManagedAtAsync() };
        using var metrics = await http.GetAsync(new Uri("/metrics", UriKind.Relative), Cancelled);
        using var health = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancelled);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (metrics.StatusCode, health.StatusCode));
    }

    [Fact]
    public async Task What_is_logged_changes_with_the_file_of_settings_while_the_node_runs()
    {
        var folder = Directory.CreateTempSubdirectory("orrery").FullName;
        var file = Path.Combine(folder, "appsettings.json");
        await File.WriteAllTextAsync(file, "{}", Cancelled);
        await using var cluster = new ProcessCluster();
        var gateway = cluster.LaunchGateway("--contentRoot", folder);
        var client = new RpcClient(await gateway.AnswersAsync());
        await client.ResultAsync("system/get_system_info");
        Assert.DoesNotContain("system/get_system_info on", gateway.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, """{ "Logging": { "LogLevel": { "Orrery.Calls": "Debug" } } }""", Cancelled);

        await client.UntilAsync("system/get_system_info", _ => gateway.Output.Contains("system/get_system_info on", StringComparison.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    // A page is shown again for a moment.
    private static async Task<Page> ReadUntilAsync(NodeProcess node, Func<Page, bool> holds)
    {
        Page page;
        do
        {
            page = await ReadAsync(node);
        }
        while (!holds(page));
        return page;
    }

    private static async Task<Page> ReadAsync(NodeProcess node)
    {
        using var http = new HttpClient();
        return new Page((await http.GetStringAsync(new Uri(await node.IsManagedAtAsync(), "/metrics"), Cancelled)).Split('\n'));
    }

    /// <summary>What Prometheus reads.</summary>
    private sealed partial class Page(string[] lines)
    {
        public string[] Lines => lines;

        /// <summary>The time series of calls, each by its labels.</summary>
        public string[] SeriesOfCalls => [.. lines.Where(line => line.StartsWith("rpc_", StringComparison.Ordinal) || line.StartsWith("orrery_", StringComparison.Ordinal)).Select(line => line[..line.LastIndexOf(' ')]).Order(StringComparer.Ordinal)];

        public string? TypeOf(string name) => lines.Where(line => line.StartsWith($"# TYPE {name} ", StringComparison.Ordinal)).Select(line => line.Split(' ')[3]).SingleOrDefault();

        public double Value(string name, params (string Label, string Value)[] labels) =>
            Assert.Single(Find(name, labels.Append(("otel_scope_name", "Orrery")).ToArray()), found => found.Labels.Length == labels.Length + 1).Value;

        public double Sum(string name, params (string Label, string Value)[] labels) => Find(name, labels).Sum(found => found.Value);

        private IEnumerable<(string[] Labels, double Value)> Find(string name, (string Label, string Value)[] labels) =>
            from line in lines
            where line.StartsWith($"{name}{{", StringComparison.Ordinal)
            let found = Label().Matches(line).Select(match => match.Value).ToArray()
            where labels.All(label => found.Contains($"{label.Label}=\"{label.Value}\""))
            select (found, double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

        [GeneratedRegex(@"\w+=""[^""]*""")]
        private static partial Regex Label();
    }
}
