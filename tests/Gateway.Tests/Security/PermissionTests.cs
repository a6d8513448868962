using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Claims;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests.Security;

public sealed class PermissionTests(GuardedGateway guarded) : IClassFixture<GuardedGateway>
{
    [Theory]
    [InlineData(null, "open", "anonymous")]
    [InlineData(null, "plain", "unauthenticated")]
    [InlineData(null, "cancel", "unauthenticated")]
    [InlineData(null, "inside", "unauthenticated")]
    [InlineData(null, "nothing", "unauthenticated")]
    [InlineData("", "open", "alice")]
    [InlineData("", "plain", "alice")]
    [InlineData("", "cancel", "permission_denied")]
    [InlineData("", "inside", "method_not_public")]
    [InlineData("", "nothing", "unknown_method")]
    [InlineData("orders/cancel", "cancel", "alice")]
    [InlineData("orders/cancel", "ship", "permission_denied")]
    [InlineData("orders/ship orders/cancel", "cancel", "alice")]
    [InlineData("orders/*", "cancel", "alice")]
    [InlineData("orders/*", "ship", "alice")]
    [InlineData("orders/c*", "cancel", "alice")]
    [InlineData("orders/c*", "ship", "permission_denied")]
    [InlineData("*", "cancel", "alice")]
    [InlineData("*", "inside", "method_not_public")]
    [InlineData("order/*", "cancel", "permission_denied")]
    [InlineData("orders", "cancel", "permission_denied")]
    [InlineData("orders/", "cancel", "permission_denied")]
    [InlineData("orders/canc", "cancel", "permission_denied")]
    [InlineData("orders/cancel2", "cancel", "permission_denied")]
    [InlineData("ORDERS/CANCEL", "cancel", "permission_denied")]
    [InlineData("*/cancel", "cancel", "permission_denied")]
    [InlineData("openid profile", "cancel", "permission_denied")]
    public async Task A_scope_decides_what_may_be_called(string? scope, string method, string outcome)
    {
        var token = scope is null ? null : guarded.Issuer.Token(scope: scope.Length == 0 ? null : scope);

        foreach (var address in new[] { $"guarded/{method}", $"guarded/{TwoNodes.WorkerId}/{method}" })
        {
            var reply = await guarded.CallAsync(token, address);

            Assert.Equal(outcome, reply.Status is HttpStatusCode.OK && reply.Json.TryGetProperty("result", out var result) ? result.GetString() : reply.Reason);
            Assert.Equal(StatusOf(outcome), reply.Status);
        }
    }

    [Fact]
    public async Task Roles_and_single_callers_get_what_the_configuration_gives_them()
    {
        var clerk = guarded.Issuer.Token("bob", claims: new Claim("roles", "clerk"));
        var clerkByScope = guarded.Issuer.Token("bob", scope: "clerk");
        var admin = guarded.Issuer.Token("bob", claims: [new Claim("role", "reader"), new Claim("role", "admin")]);
        var carol = guarded.Issuer.Token("carol");

        Assert.Equal("bob", (await guarded.CallAsync(clerk, "guarded/cancel")).Result.GetString());
        Assert.Equal("bob", (await guarded.CallAsync(clerkByScope, "guarded/cancel")).Result.GetString());
        Assert.Equal("permission_denied", (await guarded.CallAsync(clerk, "guarded/ship")).Reason);
        Assert.Equal("bob", (await guarded.CallAsync(admin, "guarded/ship")).Result.GetString());
        Assert.Equal("carol", (await guarded.CallAsync(carol, "guarded/ship")).Result.GetString());
        Assert.Equal("permission_denied", (await guarded.CallAsync(carol, "guarded/cancel")).Reason);
    }

    [Theory]
    [InlineData("orchestrator/list_services", null)]
    [InlineData("orchestrator/get_service_status", """{"service_name":"system"}""")]
    [InlineData("orchestrator/control_service", """{"service_name":"calculator","action":"stop"}""")]
    [InlineData("orchestrator/drain", null)]
    [InlineData("metrics_dashboard/control_service", """{"worker_id":"worker-1","service_name":"calculator","action":"stop"}""")]
    [InlineData("metrics_reporter/set_interval", """{"seconds":30}""")]
    [InlineData("metrics_reporter/report_now", null)]
    public async Task What_changes_something_in_the_built_in_services_needs_a_permission(string method, string? parameters)
    {
        (await guarded.CallAsync(null, method, parameters)).Is(HttpStatusCode.Unauthorized, -32004, "unauthenticated");
        (await guarded.CallAsync(guarded.Issuer.Token(scope: "orders/*"), method, parameters)).Is(HttpStatusCode.Forbidden, -32005, "permission_denied");
    }

    [Fact]
    public async Task A_caller_is_shown_what_it_may_call_and_nothing_else()
    {
        var plain = await MethodsAsync(guarded.Issuer.Token());
        var canceller = await MethodsAsync(guarded.Issuer.Token(scope: "orders/cancel"));
        var everything = await MethodsAsync(guarded.Issuer.Token(scope: "*"));

        Assert.Equal(["open", "ping", "plain", "who_asked_later", "who_asks", "who_asks_later"], plain["guarded"]);
        Assert.DoesNotContain("control_service", plain["orchestrator"]);
        Assert.DoesNotContain("report_metrics", plain["metrics_dashboard"]);
        Assert.Contains("cancel", canceller["guarded"]);
        Assert.DoesNotContain("ship", canceller["guarded"]);
        Assert.Contains("inside", everything["guarded"]);
    }

    [Fact]
    public async Task Each_call_of_a_batch_is_decided_for_itself()
    {
        var batch = $"[{RpcClient.Request("guarded/plain")},{RpcClient.Request("guarded/cancel", id: "2")},{RpcClient.Request("guarded/ship", id: "3")}]";

        var reply = await guarded.PostAsync(guarded.Issuer.Token(scope: "orders/ship"), batch);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(["alice", "-32005", "alice"], reply.Json.EnumerateArray().Select(entry => entry.TryGetProperty("result", out var result) ? result.GetString()! : entry.GetProperty("error").GetProperty("code").GetRawText()));
    }

    [Fact]
    public async Task A_notification_that_may_not_be_sent_is_not_run()
    {
        var reply = await guarded.PostAsync(guarded.Issuer.Token(), """{"jsonrpc":"2.0","method":"orchestrator/worker-1/control_service","params":{"service_name":"calculator","action":"stop"}}""");

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal(7, (await guarded.CallAsync(guarded.Issuer.Token(), "calculator/worker-1/sum", "[3,4]")).Result.GetInt32());
    }

    [Fact]
    public async Task Who_asked_is_known_on_every_node_that_the_call_leads_to()
    {
        string[] nodes = [TwoNodes.WorkerId, GatewayNode.Id, TwoNodes.WorkerId, GatewayNode.Id, GatewayNode.Id];

        var reply = await guarded.CallAsync(guarded.Issuer.Token("dora"), "guarded/who_asks", $$"""{"nodes":["{{string.Join("\",\"", nodes)}}"]}""");

        Assert.Equal(Enumerable.Repeat("dora", nodes.Length + 1), reply.Result.EnumerateArray().Select(id => id.GetString()));
    }

    [Fact]
    public async Task Who_asked_is_known_in_a_call_with_an_idempotency_key_whose_key_is_its_own()
    {
        var request = RpcClient.Request("guarded/worker-1/plain").Replace("}", ",\"idempotency_key\":\"one\"}", StringComparison.Ordinal);

        Assert.Equal("alice", (await guarded.PostAsync(guarded.Issuer.Token("alice"), request)).Result.GetString());
        Assert.Equal("bob", (await guarded.PostAsync(guarded.Issuer.Token("bob"), request)).Result.GetString());
        Assert.Equal("alice", (await guarded.PostAsync(guarded.Issuer.Token("alice"), request)).Result.GetString());
        var denied = RpcClient.Request("guarded/worker-1/ship").Replace("}", ",\"idempotency_key\":\"two\"}", StringComparison.Ordinal);
        Assert.Equal("permission_denied", (await guarded.PostAsync(guarded.Issuer.Token("alice"), denied)).Reason);
    }

    [Fact]
    public async Task What_goes_on_after_a_call_is_for_nobody()
    {
        await guarded.CallAsync(guarded.Issuer.Token(), "guarded/worker-1/who_asks_later");

        Assert.Null((await guarded.CallAsync(guarded.Issuer.Token(), "guarded/worker-1/who_asked_later")).Result.GetString());
    }

    [Theory]
    [InlineData("X-Forwarded-User", "root")]
    [InlineData("X-Remote-User", "root")]
    [InlineData("X-MS-CLIENT-PRINCIPAL", "eyJyb290Ijp0cnVlfQ==")]
    [InlineData("Orrery-Caller", "root")]
    [InlineData("X-ARR-ClientCert", "MIIB")]
    [InlineData("X-Client-Cert", "MIIB")]
    [InlineData("Cookie", "user=root")]
    public async Task A_header_makes_nobody_somebody_else(string header, string value)
    {
        var anonymous = await guarded.Gateway.Client.PostAsync(RpcClient.Request("guarded/open"), header, value);
        var denied = await guarded.Gateway.Client.PostAsync(RpcClient.Request("guarded/plain"), header, value);
        var member = await guarded.PostAsync(guarded.Issuer.Token(), """{"jsonrpc":"2.0","method":"guarded/plain","id":1,"caller":"root","user":"root","permissions":"*"}""");

        Assert.Equal("anonymous", anonymous.Result.GetString());
        denied.Is(HttpStatusCode.Unauthorized, -32004, "unauthenticated");
        Assert.Equal("alice", member.Result.GetString());
    }

    [Fact]
    public async Task Whoever_is_turned_away_is_counted_by_why()
    {
        var counted = new ConcurrentBag<(string Plane, string Reason)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "Orrery", Name: "orrery.refusals" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Add(((string)tags[0].Value!, (string)tags[1].Value!)));
        listener.Start();

        await guarded.CallAsync(null, "guarded/plain");
        await guarded.CallAsync(guarded.Issuer.Token(), "guarded/cancel");
        await guarded.CallAsync(guarded.Issuer.Tampered(), "guarded/plain");
        await guarded.Gateway.Client.PostAsync(RpcClient.Request("guarded/open"), "Origin", "https://evil.example");

        Assert.Superset(
            new HashSet<(string, string)> { ("call", "unauthenticated"), ("call", "permission_denied"), ("call", "invalid_token"), ("call", "origin_not_allowed") },
            counted.ToHashSet());
    }

    private static HttpStatusCode StatusOf(string outcome) => outcome switch
    {
        "unauthenticated" => HttpStatusCode.Unauthorized,
        "permission_denied" => HttpStatusCode.Forbidden,
        _ => HttpStatusCode.OK,
    };

    private async Task<Dictionary<string, string[]>> MethodsAsync(string token) => (await guarded.CallAsync(token, "registry/list_services")).Result.EnumerateArray().ToDictionary(
        service => service.GetProperty("name").GetString()!,
        service => service.GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("name").GetString()!).ToArray());
}
