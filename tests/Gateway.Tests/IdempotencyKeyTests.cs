using System.Net;
using Orrery.Gateway.Tests.Cluster;
using Orrery.Gateway.Tests.Wire;

namespace Orrery.Gateway.Tests;

public sealed class IdempotencyKeyTests(TwoNodes nodes)
{
    private RpcClient Client => nodes.Client;

    [Theory]
    [InlineData("trouble")]
    [InlineData("trouble/worker-1")]
    [InlineData("trouble/@all")]
    public async Task A_repeated_key_gets_the_first_outcome_and_the_method_does_not_run_again(string service)
    {
        var name = NewKey();
        var request = Count(service, name);

        var first = await PostAsync(request, name);
        var again = await PostAsync(request, name);

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(service.EndsWith("@all", StringComparison.Ordinal) ? 2 : 1, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task Calls_with_one_key_that_come_at_the_same_time_are_one_call()
    {
        var name = NewKey();

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync(Count("trouble/worker-1", name), name)));

        Assert.All(replies, reply => Assert.Equal(1, reply.Result.GetInt32()));
        Assert.Equal(1, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task A_caller_that_stopped_waiting_learns_later_what_its_call_came_to()
    {
        var name = NewKey();
        var request = $$"""{"jsonrpc":"2.0","method":"trouble/worker-1/count","params":{"name":"{{name}}","after":"{{name}}"},"id":1,"idempotency_key":"{{name}}" """;

        var late = await Client.PostAsync(request + ""","timeout_ms":100}""");
        nodes.Scope.Signals.Set(name);
        var again = await Client.PostAsync(request + "}");

        late.Is(HttpStatusCode.OK, -32003, "deadline_exceeded");
        Assert.Equal(1, again.Result.GetInt32());
        Assert.Equal(1, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task A_caller_that_hangs_up_learns_later_what_its_call_came_to()
    {
        var name = NewKey();
        var request = $$"""{"jsonrpc":"2.0","method":"trouble/worker-1/count","params":{"name":"{{name}}","after":"{{name}}"},"id":1,"idempotency_key":"{{name}}"}""";
        var caller = new RpcClient(nodes.Gateway.Address);
        var call = caller.PostAsync(request);
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (nodes.Scope.Signals.Counted(name) == 0)
        {
            await interval.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        caller.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        nodes.Scope.Signals.Set(name);

        Assert.Equal(1, (await Client.PostAsync(request)).Result.GetInt32());
        Assert.Equal(1, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task A_key_of_another_call_is_refused()
    {
        var name = NewKey();
        await PostAsync(Count("trouble", name), name);

        var otherParameters = await PostAsync(Count("trouble", name, refuse: true), name);
        var otherMethod = await PostAsync(RpcClient.Request("trouble/null"), name);

        foreach (var reply in new[] { otherParameters, otherMethod })
        {
            reply.Is(HttpStatusCode.OK, -32600, "idempotency_key_reused");
            Assert.Equal(("no", false), (reply.Executed, reply.Retryable));
        }

        Assert.Equal(1, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task What_a_service_refused_it_refuses_again_without_running()
    {
        var name = NewKey();

        var first = await PostAsync(Count("trouble/worker-1", name, refuse: true), name);
        var again = await PostAsync(Count("trouble/worker-1", name, refuse: true), name);

        Assert.Equal("Refused 1.", first.Message);
        Assert.Equal(first.Text, again.Text);
    }

    [Theory]
    [InlineData("trouble/worker-1/count", "{\"name\":5}")]
    [InlineData("trouble/nowhere/count", "{\"name\":\"x\"}")]
    [InlineData("trouble/private", "[]")]
    public async Task A_call_that_did_not_run_leaves_its_key_free(string method, string parameters)
    {
        var name = NewKey();

        var refused = await PostAsync(RpcClient.Request(method, parameters), name);
        var accepted = await PostAsync(Count("trouble/worker-1", name), name);

        Assert.Equal("no", refused.Executed);
        Assert.Equal(1, accepted.Result.GetInt32());
    }

    [Fact]
    public async Task A_trace_tells_whether_an_outcome_is_repeated_and_how_the_first_came_about()
    {
        var name = NewKey();
        var request = Count("trouble/worker-1", name)[..^1] + ""","trace":true}""";

        var first = (await PostAsync(request, name)).Json.GetProperty("trace");
        var again = (await PostAsync(request, name)).Json.GetProperty("trace");

        Assert.Equal((false, true), (first.GetProperty("repeated").GetBoolean(), again.GetProperty("repeated").GetBoolean()));
        Assert.Equal("worker-1", first.GetProperty("node_id").GetString());
        Assert.Equal(first.GetProperty("attempts").GetRawText(), again.GetProperty("attempts").GetRawText());
    }

    [Fact]
    public async Task A_key_is_the_same_in_quotes_as_a_member_and_on_a_notification()
    {
        var name = NewKey();
        var notification = $$"""{"jsonrpc":"2.0","method":"trouble/worker-1/count","params":{"name":"{{name}}","refuse":false},"idempotency_key":"{{name}}"}""";

        var notified = await Client.PostAsync(notification);
        var quoted = await PostAsync(Count("trouble/worker-1", name), $"\"{name}\"");
        var batch = await Client.PostAsync($"[{notification},{Count("trouble/worker-1", name)[..^1]},\"idempotency_key\":\"{name}\"}}]");

        Assert.Equal(HttpStatusCode.NoContent, notified.Status);
        Assert.Equal(1, quoted.Result.GetInt32());
        Assert.Equal(1, Assert.Single(batch.Json.EnumerateArray()).GetProperty("result").GetInt32());
        Assert.Equal(1, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task A_key_in_the_header_is_for_one_call_and_not_for_a_batch()
    {
        var name = NewKey();

        var reply = await PostAsync($"[{Count("trouble", name)}]", name);

        reply.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Equal(0, nodes.Scope.Signals.Counted(name));
    }

    [Fact]
    public async Task A_large_result_is_repeated_too()
    {
        var name = NewKey();

        var first = await PostAsync(RpcClient.Request("trouble/worker-1/big", "[2097152]"), name);
        var again = await PostAsync(RpcClient.Request("trouble/worker-1/big", "[2097152]"), name);

        Assert.Equal(2 << 20, first.Result.GetString()!.Length);
        Assert.Equal(first.Body, again.Body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("256")]
    public async Task A_header_that_is_no_key_is_an_invalid_request(string key)
    {
        var name = NewKey();

        var reply = await PostAsync(Count("trouble", name), key == "256" ? new string('k', 256) : key);

        reply.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Contains("Idempotency-Key", reply.Message, StringComparison.Ordinal);
        Assert.Equal(0, nodes.Scope.Signals.Counted(name));
    }

    [Theory]
    [InlineData("Idempotency-Key: one", "Idempotency-Key: other")]
    [InlineData("Idempotency-Key: café")]
    [InlineData("Idempotency-Key: a\tb")]
    public async Task Two_keys_and_those_that_cannot_be_printed_are_an_invalid_request(params string[] headers)
    {
        var name = NewKey();
        var request = Count("trouble", name);
        await using var connection = await RawConnection.OpenAsync(nodes.Gateway.Address);

        await connection.SendHeadAsync([$"Content-Length: {request.Length}", .. headers]);
        await connection.SendAsync(request);

        (await connection.ReadAsync()).Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Equal(0, nodes.Scope.Signals.Counted(name));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"caf\\u00e9\"")]
    [InlineData("\"a\\u0000\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("256")]
    [InlineData("\"a\",\"idempotency_key\":\"a\"")]
    public async Task A_member_that_is_no_key_is_an_invalid_request_and_in_a_batch_that_entry(string key)
    {
        var name = NewKey();
        var value = key == "256" ? $"\"{new string('k', 256)}\"" : key;
        var request = $"{Count("trouble", name)[..^1]},\"idempotency_key\":{value}}}";

        var reply = await Client.PostAsync(request);
        var batch = await Client.PostAsync($"[{request},{RpcClient.Request("calculator/sum", "[1,2]", "2")}]");

        reply.Is(HttpStatusCode.BadRequest, -32600, "invalid_request");
        Assert.Contains("idempotency_key", reply.Message, StringComparison.Ordinal);
        Assert.Equal(-32600, batch.Json[0].GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(3, batch.Json[1].GetProperty("result").GetInt32());
        Assert.Equal(0, nodes.Scope.Signals.Counted(name));
    }

    private static string NewKey() => $"key-{Guid.NewGuid():n}";

    private static string Count(string service, string name, bool refuse = false) =>
        RpcClient.Request($"{service}/count", $$"""{"name":"{{name}}","refuse":{{(refuse ? "true" : "false")}}}""");

    private Task<Reply> PostAsync(string body, string key) => Client.PostAsync(body, "Idempotency-Key", key);
}
