using Orrery.Load.Client;
using Orrery.Load.Servers;

namespace Orrery.Load.Report;

/// <summary>The figures of one row in one round.</summary>
/// <param name="Traffic">What the callers saw.</param>
/// <param name="PerCall">What each process has used for a call, in the order in which a call passes through them.</param>
internal sealed record Measurement(Traffic Traffic, IReadOnlyList<Costs> PerCall)
{
    public double BytesPerCall => PerCall.Sum(costs => costs.AllocatedBytes);

    public double CpuPerCall => PerCall.Sum(costs => costs.CpuMicroseconds);

    public static Measurement Of(Traffic traffic, IEnumerable<Costs> used) => new(traffic, [.. used.Select(costs => costs / traffic.Calls)]);
}
