namespace Orrery.Load.Client;

/// <summary>
/// A rate for several rows: half of what the server carried that was warmed last. The row whose rate it is to be comes after
/// the others.
/// </summary>
internal sealed class HalfRate
{
    public double CallsPerSecond { get; private set; }

    public void SetFrom(Traffic saturating) => CallsPerSecond = saturating.CallsPerSecond / 2;
}
