using System.Diagnostics;
using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Telemetry;

/// <summary>
/// Spans of calls: one for a request from outside, one where a call is made, with its attempts as events, and one below it
/// where it runs. Calls that have none, and all while nobody listens, pay for a look or two.
/// </summary>
internal static class CallSpans
{
    private const int ParentLength = 55;

    private static readonly ActivitySource Source = new(TelemetryNames.ActivitySource);

    private static long _next;

    /// <summary>Whether anybody listens.</summary>
    public static bool AreWanted => Source.HasListeners();

    /// <summary>Whether somebody listens, and what runs here is part of a trace.</summary>
    public static bool AreInTrace => AreWanted && Activity.Current is not null;

    /// <summary>Whether a call that a service or a program makes here is part of a trace, or begins one: it does not in the midst of another call.</summary>
    public static bool AreInTraceOrBegin => AreWanted && (Activity.Current is not null || (CallContext.Current is not { Method: not null } && IsChosen));

    /// <summary>
    /// The least time between two traces that begin here, of those that no caller has begun; zero: each call begins one. So
    /// a cluster with little to do shows everything, and one with much pays next to nothing, because spans that nobody wants
    /// are not made.
    /// </summary>
    public static TimeSpan Interval { get; set; }

    /// <summary>What a request takes along for <see cref="Serve"/>: the span that is current, as W3C writes it; null for none.</summary>
    public static string? Context => !AreWanted || Activity.Current is not { IdFormat: ActivityIdFormat.W3C } current ? null
        : current.TraceStateString is { Length: > 0 } state ? current.Id + state
        : current.Id;

    private static bool IsChosen
    {
        get
        {
            if (Interval == TimeSpan.Zero)
            {
                return true;
            }

            var now = Environment.TickCount64;
            var next = Volatile.Read(ref _next);
            return now >= next && Interlocked.CompareExchange(ref _next, now + (long)Interval.TotalMilliseconds, next) == next;
        }
    }

    /// <summary>Begins the span of a request from outside. Null when it is not wanted.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="traceParent">The header of that name; null for none.</param>
    /// <param name="traceState">The header of that name; null for none.</param>
    public static Activity? Receive(string name, string? traceParent, string? traceState) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent) ? Source.StartActivity(name, ActivityKind.Server, parent)
        : IsChosen ? Source.StartActivity(name, ActivityKind.Server)
        : null;

    /// <summary>Begins the span of a call that is made here, and is in a trace or begins one. Null when the sampler does not want it.</summary>
    /// <param name="method">The service and the method.</param>
    /// <param name="address">The address as the caller wrote it; null when it did not write one.</param>
    public static Activity? Make(string method, string? address)
    {
        var span = Source.StartActivity(method, ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("rpc.system.name", "orrery").SetTag("rpc.method", method).SetTag("orrery.address", address);
        }

        return span;
    }

    /// <summary>Begins the span of a call that runs here. Null when it is not wanted.</summary>
    /// <param name="context">what the caller's <see cref="Context"/> was.</param>
    /// <param name="method">The service and the method, or what carries the call.</param>
    public static Activity? Serve(string? context, string method)
    {
        if (!AreWanted || context is not { Length: >= ParentLength } || !ActivityContext.TryParse(context[..ParentLength], context[ParentLength..], isRemote: true, out var parent))
        {
            return null;
        }

        var span = Source.StartActivity(method, ActivityKind.Server, parent);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("rpc.system.name", "orrery").SetTag("rpc.method", method);
        }

        return span;
    }

    /// <summary>Names the span of a call whose method was not known when it began.</summary>
    public static void Name(Activity span, string method)
    {
        span.DisplayName = method;
        span.SetTag("rpc.method", method);
    }

    /// <summary>Notes an attempt in the span of the call that it is one of.</summary>
    /// <param name="nodeId">The node that it went to.</param>
    /// <param name="error">What it came to; null for a result.</param>
    public static void NoteAttempt(string nodeId, RpcError? error)
    {
        if (AreWanted && Activity.Current is { IsAllDataRequested: true, Kind: ActivityKind.Client } span && ReferenceEquals(span.Source, Source))
        {
            span.AddEvent(new ActivityEvent("orrery.attempt", tags: new ActivityTagsCollection { ["orrery.node_id"] = nodeId, ["error.type"] = error?.Reason }));
            span.SetTag("orrery.node_id", nodeId).SetTag("orrery.attempts", span.GetTagItem("orrery.attempts") is int attempts ? attempts + 1 : 1);
        }
    }

    /// <summary>Ends a span with what the call came to; null for a result.</summary>
    public static void End(Activity? span, RpcError? error)
    {
        if (span is null)
        {
            return;
        }

        if (error is not null)
        {
            span.SetTag("rpc.response.status_code", ErrorLabels.Code(error.Code)).SetTag("error.type", ErrorLabels.Type(error.Reason)).SetStatus(ActivityStatusCode.Error, error.Message);
        }

        span.Dispose();
    }
}
