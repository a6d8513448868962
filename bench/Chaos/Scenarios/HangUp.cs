using Orrery.Chaos.Calls;

namespace Orrery.Chaos.Scenarios;

/// <summary>Callers that hang up in the middle of a long call.</summary>
internal static class HangUp
{
    private const int Callers = 60;
    private static readonly TimeSpan Work = TimeSpan.FromSeconds(60);

    public static Scenario Scenario { get; } = new("hang-up", "callers hang up in the middle", Steady.During(HappenAsync), Promise.NoRoleCallFails, Promise.NoNodeCallFails);

    private static async Task HappenAsync(Run run)
    {
        using var caller = run.Cluster.CreateCaller(Work * 2);
        using var hangingUp = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
        var calls = Enumerable.Range(0, Callers).Select(_ => caller.CallAsync("work/worker/last", new { seconds = Work.TotalSeconds }, hangingUp.Token)).ToArray();
        await LastedAsync(run, lasted => lasted.Started == Callers);
        await hangingUp.CancelAsync();
        await ((Task)Task.WhenAll(calls)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (started, cancelled, finished) = await LastedAsync(run, lasted => lasted.Cancelled + lasted.Finished == Callers);
        run.Find($"of {started} long calls {cancelled} were cancelled and {finished} came to their end", finished == 0);
    }

    private static async Task<(int Started, int Cancelled, int Finished)> LastedAsync(Run run, Func<(int Started, int Cancelled, int Finished), bool> condition)
    {
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var lasted = await Task.WhenAll(Cluster.Workers.Select(id => run.Cluster.Caller.ResultAsync($"work/{id}/lasted", new { }, _ => true, run.CancellationToken)));
            var sum = (Sum("started"), Sum("cancelled"), Sum("finished"));
            if (condition(sum))
            {
                return sum;
            }

            await interval.WaitForNextTickAsync(run.CancellationToken);
            int Sum(string name) => lasted.Sum(counts => counts.GetProperty(name).GetInt32());
        }
    }
}
