using Orrery.Chaos.Calls;
using Orrery.Shared;

namespace Orrery.Chaos.Scenarios;

/// <summary>What is there and does not answer: a worker that hangs, one behind a broken network, a database that is away.</summary>
internal static class Absences
{
    private const string Away = "worker-1";
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("hang", "a worker hangs, and wakes up", Steady.During(HangAsync), Promise.NoIdempotentCallFails, Promise.EveryFailureSays, Promise.NoneRunsLate, Promise.OnlyCallsOf(Away)),
        new("ill", "a worker is ill: all its threads are blocked for 4 s", Steady.During(BlockAsync), Promise.NoIdempotentCallFails, Promise.EveryFailureSays, Promise.OnlyCallsOf(Away)),
        new("partition", "the network between a worker and all others is cut, and mended", Steady.During(PartitionAsync), Promise.NoIdempotentCallFails, Promise.EveryFailureSays, Promise.OnlyCallsOf(Away)) { NeedsPrivateNetwork = true },
        new("database", "PostgreSQL is away", Steady.During(OutageAsync), Promise.NoIdempotentCallFails, Promise.NoNodeCallFails, Promise.OnlyStateIsMissed),
    ];

    private static async Task HangAsync(Run run)
    {
        run.Cluster.Signal(Away, "STOP");
        await GivenUpAsync(run);
        run.Cluster.Signal(Away, "CONT");
        await AgainAsync(run);
    }

    // For less than the cluster takes to give a node up: it is a member all the time.
    private static async Task BlockAsync(Run run)
    {
        var since = run.Load.Now;
        await run.Cluster.Caller.CallAsync($"work/{Away}/block", new { seconds = Blocked.TotalSeconds }, run.CancellationToken);
        await run.LastAsync(Blocked);
        var late = run.Load.Told().Count(call => call.Request.Kind is Kind.Idempotent && call.Sent > since + Noticed && call.Took > Noticed);
        run.Find($"{late} idempotent calls of a role took more than {Noticed.TotalSeconds:0} s that were sent later than {Noticed.TotalSeconds:0} s after", late == 0);
    }

    // What the worker sends is lost, and what it is sent arrives: it begins calls in time whose writes reach the database
    // only when the network is mended. So here some may run late.
    private static async Task PartitionAsync(Run run)
    {
        await Network.VanishAsync();
        try
        {
            await GivenUpAsync(run);
        }
        finally
        {
            await Network.ReturnAsync();
        }

        await AgainAsync(run);
    }

    // A call that the node was in when it stopped goes on when it wakes; those sent since have not begun there. So long
    // that the others have given the node up, and the first of its callers have been told.
    private static async Task GivenUpAsync(Run run)
    {
        var since = run.Load.Now;
        await run.LastAsync(run.Pace.During);
        await run.Cluster.IsGivenUpAsync(Away, run.CancellationToken);
        await run.RememberFailedAsync(since);
    }

    // A node that was given up ends when it finds out. Whoever runs it starts it again.
    private static async Task AgainAsync(Run run)
    {
        await run.Cluster.EndsAsync(Away, run.CancellationToken);
        await run.Cluster.StartAsync([Away], run.CancellationToken);
    }

    private static async Task OutageAsync(Run run)
    {
        await run.Cluster.Database.StopAsync();
        await run.LastAsync(run.Pace.Outage);
        await run.Cluster.Database.RunAsync();
    }
}
