using System.ComponentModel.DataAnnotations;

namespace Orrery.Rpc.Invocation;

/// <summary>How calls are tried again, and how many may run at once, from <c>Orrery:Calls</c>.</summary>
public sealed class CallsOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Orrery:Calls";

    private const string OutOfRange = "Orrery:Calls:{0} must be a number from {1} to {2}.";

    /// <summary>To how many nodes a call to a role or to any node is sent, the first included. 3 by default.</summary>
    [Range(1, 10, ErrorMessage = OutOfRange)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// How many further attempts there may be for each 100 calls, so that trying again never becomes the load that keeps
    /// a cluster down. 20 by default; 0 for none.
    /// </summary>
    [Range(0, 100, ErrorMessage = OutOfRange)]
    public int RetryPercent { get; set; } = 20;

    /// <summary>How many calls from outside the cluster a gateway has on their way at once. 10,000 by default.</summary>
    [Range(1, 1_000_000, ErrorMessage = OutOfRange)]
    public int MaxFromOutside { get; set; } = 10_000;

    /// <summary>How many calls a node runs at once. 10,000 by default. Services that can't be stopped do not count.</summary>
    [Range(1, 1_000_000, ErrorMessage = OutOfRange)]
    public int MaxRunning { get; set; } = 10_000;

    /// <summary>How many calls one service runs at once on a node, where it does not say so itself. 1,000 by default.</summary>
    [Range(1, 1_000_000, ErrorMessage = OutOfRange)]
    public int MaxRunningPerService { get; set; } = 1_000;

    /// <summary>
    /// How many calls wait for room in one service on a node, and never more than may run in it: so that a call that waits
    /// takes about twice as long as one that does not. 100 by default; 0 for none.
    /// </summary>
    [Range(0, 100_000, ErrorMessage = OutOfRange)]
    public int MaxWaitingPerService { get; set; } = 100;

    /// <summary>For how long a repeated idempotency key gets the first outcome. An hour by default; the same on all nodes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00", ParseLimitsInInvariantCulture = true, ErrorMessage = "Orrery:Calls:{0} must be a time from {1} to {2}.")]
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromHours(1);
}
