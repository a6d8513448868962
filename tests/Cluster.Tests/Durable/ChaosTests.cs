using Orrery.Chaos;
using Orrery.Chaos.Scenarios;
using Orrery.Tests;

namespace Orrery.Cluster.Tests.Durable;

/// <summary>
/// The short form of <c>bench/Chaos</c>: what is promised of calls while something happens to the cluster. That all nodes are
/// restarted, and that the database is away, have tests of their own.
/// </summary>
[Collection(nameof(Failures))]
public sealed class ChaosTests
{
    [Fact]
    public Task No_idempotent_call_fails_when_a_worker_is_killed_and_no_other_runs_twice() => HoldsAsync("kill-worker");

    [Fact]
    public Task No_call_that_waited_for_a_worker_that_hung_runs_when_it_wakes_up() => HoldsAsync("hang");

    [Fact]
    public Task A_worker_whose_threads_are_blocked_gets_no_more_calls_within_seconds() => HoldsAsync("ill");

    [Fact]
    public Task A_slow_worker_gets_few_of_the_calls() => HoldsAsync("slow-worker");

    private static async Task HoldsAsync(string scenario)
    {
        SharedPostgres.Require(PostgresServer.OwnMissing);
        await using var server = await PostgresServer.StartAsync(own: true);

        var report = await AllScenarios.Named(scenario).RunAsync(server, Pace.Short, TestContext.Current.CancellationToken);

        Assert.True(report.Broken.Count == 0, $"{Report.Head}\n{report}");
        Assert.True(report.Calls.Count > 500, $"Only {report.Calls.Count} calls were made.");
    }
}
