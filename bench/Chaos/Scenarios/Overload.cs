using System.Globalization;
using Orrery.Chaos.Calls;

namespace Orrery.Chaos.Scenarios;

/// <summary>Three times as many calls as a service can take: what it gets done must be what it can.</summary>
internal static class Overload
{
    private const int Times = 3;
    private const int Callers = 96;
    private const double LeastUseful = 0.90;

    private static readonly CallRequest Call = new(Kind.Once, "desk/worker/serve", new { });

    public static Scenario Scenario { get; } = new("overload", "a service gets three times the calls that it can take", HappenAsync, Promise.EveryFailureSays) { IsOver = false };

    private static async Task HappenAsync(Run run)
    {
        await AnsweredAsync(run, run.Pace.Before);
        var peak = await AnsweredAsync(run, run.Pace.During);
        run.StartLoad((int)(Times * peak), _ => Call);
        await run.LastAsync(run.Pace.During);
        var sending = run.Load.Now;
        var took = (await run.Load.StopAsync()).Where(call => call.Outcome.IsAnswered && call.Took <= Cluster.Deadline).Select(call => call.Took.TotalMilliseconds).Order().ToArray();
        var useful = took.Length / sending.TotalSeconds;
        run.Find(
            string.Create(CultureInfo.InvariantCulture, $"{useful:0} useful answers/s of {peak:0} at the most, p50 {At(0.50):0} ms, p99 {At(0.99):0} ms"),
            useful >= LeastUseful * peak);

        double At(double part) => took.Length == 0 ? 0 : took[(int)(part * (took.Length - 1))];
    }

    // How many calls are answered in a second, of callers who wait for each answer before they call again: enough to keep
    // all clerks busy, and too few for anyone to be refused.
    private static async Task<double> AnsweredAsync(Run run, TimeSpan duration)
    {
        using var time = new CancellationTokenSource(duration);
        var answered = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync()));
        return answered.Sum() / duration.TotalSeconds;

        async Task<int> CallAsync()
        {
            var count = 0;
            while (!time.IsCancellationRequested)
            {
                count += (await run.Cluster.Caller.CallAsync(Call.Method, Call.Parameters, run.CancellationToken)).IsAnswered ? 1 : 0;
            }

            return count;
        }
    }
}
