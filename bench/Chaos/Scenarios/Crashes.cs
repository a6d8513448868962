namespace Orrery.Chaos.Scenarios;

/// <summary>Processes that end without a word, or at somebody's, and are started again.</summary>
internal static class Crashes
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("kill-worker", "a worker is killed, and started again", Killed("worker-1"), Promise.NoIdempotentCallFails, Promise.EveryFailureSays, Promise.OnlyCallsOf("worker-1")),
        new("kill-coordinator", "the coordinator is killed, and started again", Killed("coordinator-1"), Promise.NoRoleCallFails, Promise.EveryFailureSays, Promise.OnlyCallsOf("coordinator-1")),
        new("kill-gateway", "one gateway of two is killed, and started again", Killed("gateway-1")) { Gateways = 2, Oldest = "worker-3" },
        new("kill-oldest", "the node that has run longest, a worker, is killed, and started again", Killed("worker-3"), Promise.NoIdempotentCallFails, Promise.EveryFailureSays, Promise.OnlyCallsOf("worker-3")) { Oldest = "worker-3" },
        new("rolling-restart", "all nodes are restarted, one after the other", Steady.During(RollAsync), Promise.NoRoleCallFails, Promise.NodeCallsFailUnrun) { Gateways = 2 },
        new("crash", "all nodes are killed at once, and started again", Steady.During(CrashAsync)),
    ];

    private static Func<Run, Task> Killed(string id) => Steady.During(async run =>
    {
        run.Cluster.Kill(id);
        await run.LastAsync(run.Pace.During);
        await run.Cluster.StartAsync([id], run.CancellationToken);
    });

    private static async Task RollAsync(Run run)
    {
        foreach (var id in run.Cluster.Ids)
        {
            await run.Cluster.StopAsync(id, run.CancellationToken);
            await run.Cluster.StartAsync([id], run.CancellationToken);
        }
    }

    private static Task CrashAsync(Run run)
    {
        run.Cluster.Kill(run.Cluster.Ids);
        return run.Cluster.StartAsync(run.Cluster.Ids, run.CancellationToken);
    }
}
