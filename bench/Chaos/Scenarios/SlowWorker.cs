using System.Globalization;
using Orrery.Chaos.Calls;

namespace Orrery.Chaos.Scenarios;

/// <summary>A worker that takes ten times as long as the others for the same work.</summary>
internal static class SlowWorker
{
    private const double MostOfCalls = 0.10;

    public static Scenario Scenario { get; } = new("slow-worker", "a worker is ten times slower than the other two", HappenAsync, Promise.NoIdempotentCallFails)
    {
        FirstWorker = new Dictionary<string, string> { ["ORRERY_CHAOS_WORK_MS"] = "200" },
    };

    private static async Task HappenAsync(Run run)
    {
        run.StartLoad(run.Pace.Rate, _ => new CallRequest(Kind.Idempotent, "work/worker/run", new { }));
        await run.LastAsync(run.Pace.Before + run.Pace.During);
        var answered = (await run.Load.StopAsync()).Where(call => call.Outcome.IsAnswered).ToArray();
        var share = (double)answered.Count(call => call.Outcome.Result.GetString() == Cluster.Workers[0]) / answered.Length;
        run.Find(string.Create(CultureInfo.InvariantCulture, $"{share:0.0 %} of the calls went to the slow one"), share < MostOfCalls);
    }
}
