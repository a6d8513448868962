using System.Net.Http.Json;
using Orrery.Cluster.Tests.Processes;
using Span = Orrery.Cluster.Tests.Operations.OtlpReceiver.Span;

namespace Orrery.Cluster.Tests.Operations;

public sealed class TraceTests : IAsyncLifetime
{
    private const string CallersSpan = "b7ad6b7169203331";

    private readonly ProcessCluster _cluster = new();
    private readonly HttpClient _http = new();
    private OtlpReceiver? _receiver;
    private NodeProcess? _worker;
    private RpcClient? _client;

    private OtlpReceiver Receiver => _receiver!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await OtlpReceiver.StartAsync();
        foreach (var (key, value) in _receiver.Environment)
        {
            _cluster.Environment[key] = value;
        }

        _cluster.Environment["Logging__Console__FormatterName"] = "json";
        _cluster.Environment["Logging__LogLevel__Orrery.Calls"] = "Debug";
        var gateway = _cluster.LaunchGateway("--node-id", "gateway-1", "--role", "gateway");
        // The lines are JSON, in which the address of the gateway's page stands as any other text.
        _client = new RpcClient(new Uri(await gateway.SeesAsync(new(@"answers JSON-RPC at (\S+?)\. Try"))));
        _worker = _cluster.LaunchNode("--node-id", "worker-1", "--services", ProcessCluster.HelloServices);
        _cluster.LaunchNode("--node-id", "worker-2", "--services", ProcessCluster.HelloServices);
        await _client.NodesWhenAsync(nodes => nodes.Has("worker-1", "alive") && nodes.Has("worker-2", "alive"));
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await Receiver.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task A_trace_goes_from_the_request_through_the_gateway_to_a_service_and_on_to_another_node()
    {
        var trace = await CallAsync("guestbook/worker-1/sign_on", new { node_id = "worker-2", name = "Ada" }, sampled: true);

        var spans = await Receiver.TraceAsync(trace, spans => spans.Length >= 5);

        var request = spans.Single(span => span.ParentId == CallersSpan);
        Assert.Equal(("gateway-1", Span.Server, "JSON-RPC", "200"), (request.NodeId, request.Kind, request.Name, request.Attributes["http.response.status_code"]));
        var made = Below(spans, request, "gateway-1", "guestbook/sign_on", Span.Client);
        Assert.Equal(("guestbook/worker-1/sign_on", "worker-1", "1"), (made.Attributes["orrery.address"], made.Attributes["orrery.node_id"], made.Attributes["orrery.attempts"]));
        Assert.Equal(("orrery", "guestbook/sign_on"), (made.Attributes["rpc.system.name"], made.Attributes["rpc.method"]));
        var served = Below(spans, made, "worker-1", "guestbook/sign_on", Span.Server);
        Assert.Equal("guestbook/sign_on", served.Attributes["rpc.method"]);
        var madeInside = Below(spans, served, "worker-1", "guestbook/sign", Span.Client);
        Assert.Equal("guestbook/worker-2/sign", madeInside.Attributes["orrery.address"]);
        Below(spans, madeInside, "worker-2", "guestbook/sign", Span.Server);
        Assert.DoesNotContain(spans, span => span.IsError);
    }

    [Fact]
    public async Task A_call_that_fails_says_so_in_its_spans()
    {
        var trace = await CallAsync("calculator/worker-1/sum", new { values = new[] { 1e308, 1e308 } }, sampled: true);

        var spans = await Receiver.TraceAsync(trace, spans => spans.Length >= 3);

        Assert.All(spans.Where(span => span.Name == "calculator/sum"), span => Assert.True(span.IsError, $"{span}"));
        Assert.Equal(["client", "server"], spans.Where(span => span.Attributes.ContainsKey("error.type")).Select(span => span.Kind == Span.Client ? "client" : "server").Order());
    }

    [Fact]
    public async Task What_the_caller_does_not_want_traced_is_not()
    {
        var unwanted = await CallAsync("guestbook/worker-1/sign_on", new { node_id = "worker-2", name = "Ada" }, sampled: false);
        var wanted = await CallAsync("guestbook/worker-1/sign_on", new { node_id = "worker-2", name = "Ada" }, sampled: true);
        await Receiver.TraceAsync(wanted, spans => spans.Length >= 5);

        Assert.Empty(await Receiver.TraceAsync(unwanted, _ => true));
    }

    [Fact]
    public async Task Log_lines_say_which_trace_they_are_part_of()
    {
        var trace = await CallAsync("guestbook/worker-1/sign_on", new { node_id = "worker-2", name = "Ada" }, sampled: true);

        await _worker!.SeesAsync(new($$"""^(\{.*guestbook/worker-2/sign on worker-2 took.*"TraceId":"{{trace}}".*\})$"""));
        await Receiver.LogsAsync(logs => logs.Any(line => line.StartsWith(trace, StringComparison.Ordinal)));
        await Receiver.MetricsAsync(names => new[] { "rpc.server.call.duration", "orrery.registry.nodes" }.All(names.Contains));
    }

    private static Span Below(Span[] spans, Span parent, string nodeId, string name, int kind)
    {
        var found = Assert.Single(spans, span => span.ParentId == parent.Id && span.Kind == kind);
        Assert.Equal((nodeId, name), (found.NodeId, found.Name));
        return found;
    }

    private async Task<string> CallAsync(string method, object parameters, bool sampled)
    {
        var trace = Guid.NewGuid().ToString("n");
        using var request = new HttpRequestMessage(HttpMethod.Post, _client!.Address) { Content = JsonContent.Create(new { jsonrpc = "2.0", method, @params = parameters, id = 1 }) };
        request.Headers.Add("traceparent", $"00-{trace}-{CallersSpan}-0{(sampled ? 1 : 0)}");
        using var response = await _http.SendAsync(request, Cancelled);
        Assert.True(response.IsSuccessStatusCode);
        return trace;
    }
}
