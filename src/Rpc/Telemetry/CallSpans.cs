using System.Diagnostics;
using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Telemetry;

/// <summary>
/// Spans of calls: one for a request from outside, one where a call is made, with its attempts as events, and one below it where it runs. They cost nothing
/// while nobody listens.
/// </summary>
internal static class CallSpans
{
    /// <summary>The context of a call that is part of no trace, so that none begins on its way.</summary>
    public const string Untraced = "";

    private const int ParentLength = 55;

    private static readonly ActivitySource Source = new(TelemetryNames.ActivitySource);

    /// <summary>Whether anybody listens.</summary>
    public static bool AreWanted => Source.HasListeners();

    /// <summary>
    /// Gives what a request takes along for <see cref="Serve"/>: the span that is current, as W3C writes it; null for none. A
    /// trace that began here and was not chosen ends here: nobody could look it up.
    /// </summary>
    /// <param name="call">What the code that makes the request is part of.</param>
    public static string? ContextOf(CallContext? call)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C } current)
        {
            return call is { IsUntraced: true } ? Untraced : null;
        }

        return current is { Recorded: false, HasRemoteParent: false } ? Untraced
            : current.TraceStateString is { Length: > 0 } state ? current.Id + state
            : current.Id;
    }

    /// <summary>Begins the span of a request from outside. Null when it is not wanted.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="traceParent">The header of that name; null for none.</param>
    /// <param name="traceState">The header of that name; null for none.</param>
    public static Activity? Receive(string name, string? traceParent, string? traceState) =>
        !AreWanted ? null
        : traceParent is not null && ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent) ? Source.StartActivity(name, ActivityKind.Server, parent)
        : Source.StartActivity(name, ActivityKind.Server);

    /// <summary>Begins the span of a call that is made here. Null when it is not wanted.</summary>
    /// <param name="method">The service and the method.</param>
    /// <param name="address">The address as the caller wrote it; null when it did not write one.</param>
    public static Activity? Make(string method, string? address)
    {
        var span = AreWanted && CallContext.Current is not { IsUntraced: true } ? Source.StartActivity(method, ActivityKind.Client) : null;
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("rpc.system.name", "orrery").SetTag("rpc.method", method).SetTag("orrery.address", address);
        }

        return span;
    }

    /// <summary>Begins the span of a call that runs here. Null when it is not wanted.</summary>
    /// <param name="context">what the caller's <see cref="ContextOf"/> was.</param>
    /// <param name="method">The service and the method, or what carries the call.</param>
    public static Activity? Serve(string? context, string method)
    {
        if (!AreWanted || context is Untraced)
        {
            return null;
        }

        var parent = context is { Length: >= ParentLength } && ActivityContext.TryParse(context[..ParentLength], context[ParentLength..], isRemote: true, out var remote) ? remote : default;
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
        if (Activity.Current is { IsAllDataRequested: true, Kind: ActivityKind.Client } span && ReferenceEquals(span.Source, Source))
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
