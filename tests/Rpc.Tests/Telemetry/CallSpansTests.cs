using System.Diagnostics;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Tests.Telemetry;

public sealed class CallSpansTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string TraceParent = $"00-{Trace}-b7ad6b7169203331-01";

    private readonly double _share = CallSpans.Share;
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == TelemetryNames.ActivitySource,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public CallSpansTests() => ActivitySource.AddActivityListener(_listener);

    public void Dispose()
    {
        CallSpans.Share = _share;
        _listener.Dispose();
    }

    [Fact]
    public void A_trace_is_begun_for_the_share_of_requests_that_is_chosen()
    {
        CallSpans.Share = 0;
        Assert.Null(CallSpans.Receive("request", traceParent: null, traceState: null));

        CallSpans.Share = 1;
        using var span = CallSpans.Receive("request", traceParent: null, traceState: null);
        Assert.NotNull(span);
    }

    [Fact]
    public void A_trace_that_the_caller_has_begun_is_followed_whatever_the_share()
    {
        CallSpans.Share = 0;

        using var span = CallSpans.Receive("request", TraceParent, "vendor=1");

        Assert.Equal((Trace, "vendor=1"), (span?.TraceId.ToString(), span?.TraceStateString));
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public void A_trace_parent_that_is_none_is_taken_for_a_request_without(string header)
    {
        CallSpans.Share = 0;
        Assert.Null(CallSpans.Receive("request", header, traceState: null));
    }

    [Fact]
    public void A_call_of_a_traced_request_is_traced_whatever_the_share_and_others_are_not()
    {
        CallSpans.Share = 0;
        Assert.False(CallSpans.AreInTraceOrBegin);

        using var request = CallSpans.Receive("request", TraceParent, traceState: null);
        Assert.True(CallSpans.AreInTrace);
        Assert.True(CallSpans.AreInTraceOrBegin);
        using var call = CallSpans.Make("echo/say", "echo/worker/say");

        Assert.Equal((request!.Id, "echo/worker/say"), (call?.ParentId, call?.GetTagItem("orrery.address")));
    }

    [Fact]
    public void What_a_request_takes_along_is_read_where_it_runs()
    {
        string? context;
        using (CallSpans.Receive("request", TraceParent, "vendor=1"))
        {
            context = CallSpans.Context;
        }

        using var served = CallSpans.Serve(context, "echo/say");

        Assert.Equal((Trace, "vendor=1"), (served?.TraceId.ToString(), served?.TraceStateString));
        Assert.Null(CallSpans.Serve(context: null, "echo/say"));
        Assert.Null(CallSpans.Serve("short", "echo/say"));
    }
}
