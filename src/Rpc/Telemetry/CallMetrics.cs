using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Orrery.Rpc.Telemetry;

/// <summary>
/// Measures calls, by OpenTelemetry's conventions for RPC: at the gateway, at each attempt to reach a node, and where they
/// run. The labels are names from the catalog and codes, never what callers send.
/// </summary>
internal static class CallMetrics
{
    private static readonly Meter Meter = new(TelemetryNames.Meter);

    // The boundaries of the conventions, and below them some for calls that stay in the cluster.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly Histogram<double> Server = Meter.CreateHistogram("rpc.server.call.duration", "s", "How long calls took: from outside by rpc.system.name jsonrpc, in services by orrery.", tags: null, Seconds);

    private static readonly Histogram<double> Client = Meter.CreateHistogram("rpc.client.call.duration", "s", "How long each attempt to have a call answered by another node took.", tags: null, Seconds);

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("orrery.calls.retries", "{attempt}", "Attempts of calls on another node after one that failed.");

    private static readonly Counter<long> Hedges = Meter.CreateCounter<long>("orrery.calls.hedges", "{attempt}", "Attempts of calls on another node beside one that is slow.");

    private static readonly KeyValuePair<string, object?> JsonRpc = new("rpc.system.name", "jsonrpc");

    private static readonly KeyValuePair<string, object?> Orrery = new("rpc.system.name", "orrery");

    /// <summary>Notes a call from outside.</summary>
    /// <param name="method">The service and the method; null when there is none of that name.</param>
    /// <param name="started">From <see cref="Stopwatch.GetTimestamp"/>, as everywhere here.</param>
    /// <param name="now">When it ended, likewise.</param>
    /// <param name="error">What it came to; null for a result.</param>
    public static void NoteAnswered(string? method, long started, long now, RpcError? error) => Record(Server, JsonRpc, method ?? ErrorLabels.Other, started, now, error);

    /// <summary>Notes an attempt to reach another node.</summary>
    public static void NoteAttempt(string method, long started, long now, RpcError? error) => Record(Client, Orrery, method, started, now, error);

    /// <summary>Notes a call that ran on this node.</summary>
    public static void NoteServed(string method, long started, long now, RpcError? error) => Record(Server, Orrery, method, started, now, error);

    /// <summary>Counts an attempt after one that failed.</summary>
    public static void NoteRetry() => Retries.Add(1);

    /// <summary>Counts an attempt beside one that is slow.</summary>
    public static void NoteHedge() => Hedges.Add(1);

    private static void Record(Histogram<double> histogram, in KeyValuePair<string, object?> system, string method, long started, long now, RpcError? error)
    {
        if (!histogram.Enabled)
        {
            return;
        }

        var elapsed = Stopwatch.GetElapsedTime(started, now).TotalSeconds;
        if (error is null)
        {
            histogram.Record(elapsed, system, new("rpc.method", method));
        }
        else
        {
            histogram.Record(elapsed, [system, new("rpc.method", method), new("rpc.response.status_code", ErrorLabels.Code(error.Code)), new("error.type", ErrorLabels.Type(error.Reason))]);
        }
    }
}
