using Orrery.Chaos.Calls;

namespace Orrery.Chaos;

/// <summary>A scenario that is under way.</summary>
internal sealed class Run(Cluster cluster, Pace pace, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, long> _before = [];
    private Load? _load;

    public Cluster Cluster => cluster;

    public Pace Pace => pace;

    public CancellationToken CancellationToken => cancellationToken;

    public Load Load => _load ?? throw new InvalidOperationException("There is no load yet.");

    /// <summary>Begins to send calls.</summary>
    public void StartLoad(int rate, Func<int, CallRequest> request) => _load = new Load(cluster.Caller, rate, request);

    /// <summary>Lets something last.</summary>
    public Task LastAsync(TimeSpan duration) => Task.Delay(duration, cancellationToken);

    /// <summary>Keeps something that was counted, and whether it is as promised.</summary>
    public void Find(string text, bool holds) => _findings.Add(new Finding(text, holds));

    /// <summary>
    /// Remembers what has run so far of the calls that were sent since a moment and failed: what is more in the end ran
    /// after its caller had been told.
    /// </summary>
    public async Task RememberFailedAsync(TimeSpan since)
    {
        var failed = Load.Told().Where(call => call.Sent >= since && !call.Outcome.IsAnswered && call.Request.Entry is not null);
        foreach (var (entry, count) in await Ledger.CountAsync(cluster.Caller, failed.Select(call => call.Request.Entry!), cancellationToken))
        {
            _before[entry] = count;
        }
    }

    /// <summary>Waits for the last answers, and asks the ledger what really ran.</summary>
    public async Task<Report> ReportAsync(Scenario scenario)
    {
        var calls = await Load.StopAsync();
        var ran = await Ledger.CountAsync(cluster.Caller, calls.Select(call => call.Request.Entry).OfType<string>(), cancellationToken);
        return new Report(scenario, calls, ran, _before.Count(before => ran[before.Key] > before.Value), _findings);
    }

    public ValueTask DisposeAsync() => _load?.DisposeAsync() ?? ValueTask.CompletedTask;
}
