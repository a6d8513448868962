using System.Globalization;
using Orrery.Chaos.Calls;

namespace Orrery.Chaos;

/// <summary>What became of the calls of a scenario.</summary>
/// <param name="Scenario">What happened.</param>
/// <param name="Calls">The calls.</param>
/// <param name="Ran">How often each entry was appended.</param>
/// <param name="RanLate">How many calls ran after their callers had been told that they failed.</param>
/// <param name="Findings">What the scenario counted itself.</param>
internal sealed record Report(Scenario Scenario, IReadOnlyList<Call> Calls, IReadOnlyDictionary<string, long> Ran, int RanLate, IReadOnlyList<Finding> Findings)
{
    public const string Head = """
        | what happens | sent | answered | failed: idempotent | failed: not idempotent | failed: of one node | run twice | ran after "no" | ran late | lost | longest | recovered after | verdict |
        |---|---:|---:|---|---|---|---:|---:|---:|---:|---:|---:|---|
        """;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public int RunTwice => Appends.Count(call => Ran[call.Request.Entry!] > 1);

    public int RanAfterNo => Appends.Count(call => call.Outcome is { IsAnswered: false, Executed: "no" } && Ran[call.Request.Entry!] > 0);

    /// <summary>Calls whose callers have a result that nothing is left of.</summary>
    public int Lost => Appends.Count(call => call.Outcome.IsAnswered && Ran[call.Request.Entry!] == 0);

    /// <summary>What is not as promised.</summary>
    public IReadOnlyList<string> Broken =>
    [
        .. Promise.Always.Concat(Scenario.Promises).Where(promise => !promise.Holds(this)).Select(promise => $"not so: {promise.What}"),
        .. Findings.Where(finding => !finding.Holds).Select(finding => finding.Text),
    ];

    public bool HasRecovered => !Scenario.IsOver || Failed(Kind.Idempotent, Kind.Once) is not [.., var last] || last.Sent + Second <= Calls[^1].Sent;

    private IEnumerable<Call> Appends => Calls.Where(call => call.Request.Entry is not null);

    // From the first failure of a call that any node could have taken to the first second without one.
    private (TimeSpan From, TimeSpan Until)? Recovery
    {
        get
        {
            var failed = Failed(Kind.Idempotent, Kind.Once);
            return failed.Count == 0
                ? null
                : (failed[0].Sent, failed.Zip(failed.Skip(1)).Where(pair => pair.Second.Sent - pair.First.Sent > Second).Select(pair => pair.First).FirstOrDefault(failed[^1]).Sent);
        }
    }

    /// <summary>Gives the calls without a result, in the order in which they were sent.</summary>
    public IReadOnlyList<Call> Failed(params Kind[] kinds) => [.. Calls.Where(call => !call.Outcome.IsAnswered && kinds.Contains(call.Request.Kind))];

    /// <summary>The row of the table.</summary>
    public override string ToString()
    {
        string[] verdict = [Broken.Count == 0 ? "holds" : $"**{string.Join("; ", Broken)}**", .. Findings.Where(finding => finding.Holds).Select(finding => finding.Text)];
        object[] cells =
        [
            Scenario.What,
            Calls.Count,
            Calls.Count(call => call.Outcome.IsAnswered),
            Failures(Kind.Idempotent),
            Failures(Kind.Once),
            Failures(Kind.Node),
            RunTwice,
            RanAfterNo,
            RanLate,
            Lost,
            Seconds(Calls.Max(call => call.Took)),
            Scenario.IsOver && Recovery is { } recovery ? HasRecovered ? Seconds(recovery.Until - recovery.From) : "never" : "",
            string.Join("; ", verdict),
        ];
        return $"| {string.Join(" | ", cells.Select(cell => string.Create(CultureInfo.InvariantCulture, $"{cell:#,0}")))} |";
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private string Failures(Kind kind)
    {
        var groups = Failed(kind).CountBy(call => $"{call.Outcome.Code} {call.Outcome.Executed}").OrderByDescending(group => group.Value).ToArray();
        return groups.Length == 0 ? "0" : string.Join(", ", groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Value:#,0} × {group.Key}")));
    }
}
