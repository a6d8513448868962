using Orrery.Tests;

namespace Orrery.Chaos;

/// <summary>Something that happens to a cluster.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="What">What happens.</param>
/// <param name="HappenAsync">Makes it happen under load, and ends when all is well again.</param>
/// <param name="Promises">What must hold of the calls made meanwhile.</param>
internal sealed record Scenario(string Name, string What, Func<Run, Task> HappenAsync, params IReadOnlyList<Promise> Promises)
{
    /// <summary>How many gateways the callers have.</summary>
    public int Gateways { get; init; } = 1;

    /// <summary>Which node starts before the others.</summary>
    public string Oldest { get; init; } = "gateway-1";

    /// <summary>More variables in the environment of the first worker.</summary>
    public IReadOnlyDictionary<string, string> FirstWorker { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it can be provoked in a network of this program's own only.</summary>
    public bool NeedsPrivateNetwork { get; init; }

    /// <summary>Whether what happens is over before the load is, so that its last calls must not fail.</summary>
    public bool IsOver { get; init; } = true;

    /// <summary>Starts a cluster, lets it happen, and says what became of the calls.</summary>
    public async Task<Report> RunAsync(PostgresServer database, Pace pace, CancellationToken cancellationToken)
    {
        using var cluster = await Cluster.StartAsync(database, this, cancellationToken);
        await using var run = new Run(cluster, pace, cancellationToken);
        await HappenAsync(run);
        return await run.ReportAsync(this);
    }
}
