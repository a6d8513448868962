using Orrery.Chaos.Calls;

namespace Orrery.Chaos.Scenarios;

/// <summary>The load of most scenarios: the three kinds of calls in turn, before, during and after what happens.</summary>
internal static class Steady
{
    private static readonly string[] Nodes = [.. Cluster.Workers, "coordinator-1"];

    public static Func<Run, Task> During(Func<Run, Task> happenAsync) => async run =>
    {
        run.StartLoad(run.Pace.Rate, Request);
        await run.LastAsync(run.Pace.Before);
        await happenAsync(run);
        await run.LastAsync(run.Pace.After);
    };

    private static CallRequest Request(int number) => (number % 3) switch
    {
        0 => new(Kind.Idempotent, "calculator/worker/sum", new { values = new[] { number, 1 } }),
        1 => new(Kind.Once, "ledger/worker/append", new { entry_id = $"entry-{number}" }, $"entry-{number}"),
        _ => new(Kind.Node, $"echo/{Nodes[number / 3 % Nodes.Length]}/say", new { text = "hello", n = number }),
    };
}
