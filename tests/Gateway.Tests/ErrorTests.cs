using Orrery.Gateway.Tests.Services;

namespace Orrery.Gateway.Tests;

public sealed class ErrorTests(TwoNodeCluster cluster)
{
    [Theory]
    [InlineData("calculator", -32601, "malformed_address", "no")]
    [InlineData("a/b/c/d", -32601, "malformed_address", "no")]
    [InlineData("", -32601, "malformed_address", "no")]
    [InlineData("rpc.discover", -32601, "reserved_name", "no")]
    [InlineData("nothing/at_all", -32601, "unknown_service", "no")]
    [InlineData("calculator/divide", -32601, "unknown_method", "no")]
    [InlineData("trouble/secret", -32601, "method_not_public", "no")]
    [InlineData("calculator/nobody/sum", -32001, "unknown_node", "no")]
    [InlineData("on_workers/gateway/where", -32001, "no_node_of_role", "no")]
    [InlineData("on_workers/gateway-1/where", -32001, "service_not_on_node", "no")]
    [InlineData("trouble/gateway-1/refuse", -32000, "service_error", "yes")]
    [InlineData("trouble/worker-1/refuse", -32000, "service_error", "yes")]
    [InlineData("trouble/gateway-1/break", -32603, "internal_error", "yes")]
    [InlineData("trouble/worker-1/break", -32603, "internal_error", "yes")]
    [InlineData("trouble/worker-1/not_a_number", -32603, "internal_error", "yes")]
    [InlineData("stillborn/gateway-1/live", -32603, "internal_error", "no")]
    [InlineData("stillborn/worker-1/live", -32603, "internal_error", "no")]
    public async Task Each_failure_has_its_code_its_reason_and_whether_the_method_ran(string method, int code, string reason, string executed)
    {
        var error = await cluster.Client.ErrorAsync(method);

        Assert.Equal((code, reason, executed), (error.Code, error.Reason, error.Executed));
        AssertSaysNothingOfInternals(error);
    }

    [Theory]
    [InlineData("gateway-1")]
    [InlineData("worker-1")]
    public async Task A_call_that_is_not_answered_in_time_says_that_it_may_have_run(string target)
    {
        var error = await cluster.Client.ErrorAsync($"trouble/{target}/never");

        Assert.Equal((-32003, "deadline_exceeded", "maybe"), (error.Code, error.Reason, error.Executed));
    }

    [Theory]
    [InlineData("gateway-1")]
    [InlineData("worker-1")]
    public async Task A_services_own_code_and_details_reach_the_caller(string target)
    {
        var error = await cluster.Client.ErrorAsync($"trouble/{target}/refuse_with_code", "[4711]");

        Assert.Equal((4711, "Not this one.", "yes"), (error.Code, error.Message, error.Executed));
        Assert.Equal(3, error.Data.GetProperty("details").GetProperty("left").GetInt32());
    }

    [Fact]
    public async Task A_service_cannot_pass_for_the_platform()
    {
        var error = await cluster.Client.ErrorAsync("trouble/refuse_with_code", "[-32001]");

        Assert.Equal(-32603, error.Code);
    }

    [Fact]
    public async Task A_service_can_refuse_a_parameters_value()
    {
        var error = await cluster.Client.ErrorAsync("trouble/refuse_parameter", "[9]");

        Assert.Equal((-32602, "invalid_parameter", "yes", "9 is too much."), (error.Code, error.Reason, error.Executed, error.Message));
        Assert.Equal("amount", error.Data.GetProperty("details").GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task What_a_nested_call_came_to_is_told_as_what_the_outer_method_did()
    {
        var error = await cluster.Client.ErrorAsync("trouble/worker-1/nested", "[\"calculator/nobody/sum\"]");

        Assert.Equal((-32001, "unknown_node", "yes", false), (error.Code, error.Reason, error.Executed, error.Retryable));
    }

    [Fact]
    public async Task A_service_may_call_what_is_private_to_a_caller_outside()
    {
        Assert.Equal("null", await cluster.Client.ResultAsync("trouble/worker-1/nested", "[\"trouble/gateway-1/secret\"]"));
    }

    [Fact]
    public async Task An_unexpected_exception_leaves_a_trace_id()
    {
        var error = await cluster.Client.ErrorAsync("trouble/worker-1/break");

        Assert.Matches("^[0-9a-f]{32}$", error.Data.GetProperty("trace_id").GetString());
    }

    [Fact]
    public async Task A_long_name_is_not_echoed_in_full()
    {
        var error = await cluster.Client.ErrorAsync("service/" + new string('x', 200) + "/method");
        var tooLong = await cluster.Client.ErrorAsync("service/" + new string('x', 100_000));

        Assert.True(error.Message.Length < 300);
        Assert.Equal("malformed_address", tooLong.Reason);
    }

    private static void AssertSaysNothingOfInternals(Error error)
    {
        foreach (var internals in new[] { TroubleGrain.SecretText, "Orleans", "Grain", "Exception", " at ", ".cs", "svc.", "System." })
        {
            Assert.DoesNotContain(internals, error.Message, StringComparison.Ordinal);
        }
    }
}
