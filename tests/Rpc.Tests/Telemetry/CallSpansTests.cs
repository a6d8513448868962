using System.Diagnostics;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Tests.Telemetry;

public sealed class CallSpansTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string TraceParent = $"00-{Trace}-b7ad6b7169203331-01";

    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == TelemetryNames.ActivitySource,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    private int _begun;

    public CallSpansTests()
    {
        _listener.ActivityStarted = _ => Interlocked.Increment(ref _begun);
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        CallSpans.Interval = TimeSpan.Zero;
        _listener.Dispose();
    }

    [Fact]
    public void One_of_the_requests_of_an_interval_begins_a_trace()
    {
        CallSpans.Interval = Never;
        Parallel.For(0, 100, _ => CallSpans.Receive("request", traceParent: null, traceState: null)?.Dispose());
        Assert.InRange(_begun, 0, 1);
        Assert.Null(CallSpans.Receive("request", traceParent: null, traceState: null));
    }

    [Fact]
    public void Without_an_interval_each_request_begins_one()
    {
        CallSpans.Interval = TimeSpan.Zero;
        CallSpans.Receive("request", traceParent: null, traceState: null)!.Dispose();
        CallSpans.Receive("request", traceParent: null, traceState: null)!.Dispose();
        Assert.Equal(2, _begun);
    }

    [Fact]
    public void A_trace_that_the_caller_has_begun_is_followed_whatever_the_interval()
    {
        NoMore();

        using var span = CallSpans.Receive("request", TraceParent, "vendor=1");

        Assert.Equal((Trace, "vendor=1"), (span?.TraceId.ToString(), span?.TraceStateString));
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public void A_trace_parent_that_is_none_is_taken_for_a_request_without(string header)
    {
        NoMore();
        Assert.Null(CallSpans.Receive("request", header, traceState: null));
    }

    [Fact]
    public void A_call_of_a_traced_request_is_traced_whatever_the_interval_and_others_are_not()
    {
        NoMore();
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

    // The first request may still begin one.
    private static void NoMore()
    {
        CallSpans.Interval = Never;
        CallSpans.Receive("request", traceParent: null, traceState: null)?.Dispose();
    }
}
