using System.ComponentModel.DataAnnotations;

namespace Orrery.Gateway.Security;

/// <summary>
/// How many calls a gateway takes, from <c>Orrery:RateLimits</c>. Each gateway counts for itself; a batch counts as its calls.
/// </summary>
public sealed class RateLimitOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Orrery:RateLimits";

    private const string OutOfRange = "Orrery:RateLimits:{0} must be a number from {1} to {2}.";

    /// <summary>Calls per second of one caller: by who it is, else by its address. 0, the default, for any number.</summary>
    [Range(0d, 1e9, ErrorMessage = OutOfRange)]
    public double PerCaller { get; set; }

    /// <summary>How many calls a caller may make at once that made none for a while. By default those of a second, and at least one.</summary>
    [Range(1, 1_000_000_000, ErrorMessage = OutOfRange)]
    public int? PerCallerBurst { get; set; }

    /// <summary>Calls per second of all callers together. 0, the default, for any number.</summary>
    [Range(0d, 1e9, ErrorMessage = OutOfRange)]
    public double Total { get; set; }

    /// <summary>How many calls all callers may make at once after a while without any. By default those of a second, and at least one.</summary>
    [Range(1, 1_000_000_000, ErrorMessage = OutOfRange)]
    public int? TotalBurst { get; set; }

    /// <summary>Calls per second of single methods, by <c>service/method</c>, of all callers together. None by default.</summary>
    public Dictionary<string, double> Methods { get; } = [];
}
