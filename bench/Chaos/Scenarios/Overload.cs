using System.Diagnostics;
using System.Globalization;
using Orrery.Chaos.Calls;

namespace Orrery.Chaos.Scenarios;

/// <summary>Three times as many calls as a service can take: what it gets done must be what it can.</summary>
internal static class Overload
{
    private const int Times = 3;
    private const int Callers = 24;
    private const double LeastUseful = 0.90;

    private static readonly CallRequest Call = new(Kind.Once, "desk/worker/serve", new { });

    public static Scenario Scenario { get; } = new("overload", "a service gets three times the calls that it can take", HappenAsync, Promise.EveryFailureSays) { IsOver = false };

    private static async Task HappenAsync(Run run)
    {
        await AnsweredAsync(run, run.Pace.Before);
        var peak = await AnsweredAsync(run, run.Pace.During);
        var most = peak.Length / run.Pace.During.TotalSeconds;
        run.StartLoad((int)(Times * most), _ => Call);
        await run.LastAsync(run.Pace.During);
        var sending = run.Load.Now;
        TimeSpan[] took = [.. (await run.Load.StopAsync()).Where(call => call.Outcome.IsAnswered && call.Took <= Cluster.Deadline).Select(call => call.Took).Order()];
        var useful = took.Length / sending.TotalSeconds;
        run.Find(
            string.Create(CultureInfo.InvariantCulture, $"{useful:0} useful answers/s, in p50 {At(took, 0.50)} and p99 {At(took, 0.99)}; at the most {most:0}/s, in {At(peak, 0.50)} and {At(peak, 0.99)}"),
            useful >= LeastUseful * most);
    }

    private static string At(TimeSpan[] sorted, double part) =>
        sorted.Length == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{sorted[(int)(part * (sorted.Length - 1))].TotalMilliseconds:0} ms");

    // How long the calls took that were answered, shortest first, of callers who wait for each answer before they call
    // again: enough to keep all clerks busy, and too few for many to be refused.
    private static async Task<TimeSpan[]> AnsweredAsync(Run run, TimeSpan duration)
    {
        using var time = new CancellationTokenSource(duration);
        var answered = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync()));
        return [.. answered.SelectMany(each => each).Order()];

        async Task<List<TimeSpan>> CallAsync()
        {
            List<TimeSpan> took = [];
            while (!time.IsCancellationRequested)
            {
                var sent = Stopwatch.GetTimestamp();
                if ((await run.Cluster.Caller.CallAsync(Call.Method, Call.Parameters, run.CancellationToken)).IsAnswered)
                {
                    took.Add(Stopwatch.GetElapsedTime(sent));
                }
            }

            return took;
        }
    }
}
