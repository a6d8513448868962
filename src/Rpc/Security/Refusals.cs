using System.Diagnostics.Metrics;

namespace Orrery.Rpc.Security;

/// <summary>Counts who was turned away, and why: the counter <c>orrery.refusals</c> of the meter <c>Orrery</c>.</summary>
public static class Refusals
{
    private static readonly Meter Meter = new("Orrery");

    private static readonly Counter<long> Counter = Meter.CreateCounter<long>("orrery.refusals", "{refusal}", "Calls and connections that were turned away.");

    /// <summary>Counts one.</summary>
    /// <param name="plane">Where: <c>call</c>, <c>gateway_connection</c> or <c>node_connection</c>.</param>
    /// <param name="reason">Why, as a stable word.</param>
    public static void Count(string plane, string reason) =>
        Counter.Add(1, new KeyValuePair<string, object?>("plane", plane), new KeyValuePair<string, object?>("reason", reason));
}
