namespace Orrery.Chaos;

/// <summary>How long what is done to a cluster lasts, and how many calls it gets meanwhile.</summary>
/// <param name="Rate">Calls a second.</param>
/// <param name="Before">How long the load runs before it happens.</param>
/// <param name="During">How long a node is away, or work is measured.</param>
/// <param name="After">How long the load goes on when all is well again.</param>
/// <param name="Outage">How long the database is away.</param>
internal sealed record Pace(int Rate, TimeSpan Before, TimeSpan During, TimeSpan After, TimeSpan Outage)
{
    /// <summary>For figures.</summary>
    public static Pace Long { get; } = new(200, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

    /// <summary>For tests: no longer than each thing takes to show.</summary>
    public static Pace Short { get; } = new(100, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5));
}
