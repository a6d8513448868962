using Orrery.Chaos.Calls;

namespace Orrery.Chaos;

/// <summary>Something that was counted.</summary>
/// <param name="Text">What was counted, in words.</param>
/// <param name="Holds">Whether it is as promised.</param>
internal sealed record Finding(string Text, bool Holds);

/// <summary>What must hold of the calls of a scenario.</summary>
/// <param name="What">In words.</param>
/// <param name="Holds">Whether it does.</param>
internal sealed record Promise(string What, Func<Report, bool> Holds)
{
    private static readonly string[] Saying = ["no", "maybe", "yes"];

    /// <summary>What holds whatever happens.</summary>
    public static IReadOnlyList<Promise> Always { get; } =
    [
        new("none runs twice that must not", report => report.RunTwice == 0),
        new("none runs of which its caller was told that it did not", report => report.RanAfterNo == 0),
        new("none is answered that did not run", report => report.Lost == 0),
        new("all is well in the end", report => report.HasRecovered),
    ];

    public static Promise NoIdempotentCallFails { get; } = new("no idempotent call of a role fails", report => report.Failed(Kind.Idempotent).Count == 0);

    public static Promise NoRoleCallFails { get; } = new("no call of a role fails", report => report.Failed(Kind.Idempotent, Kind.Once).Count == 0);

    public static Promise NoNodeCallFails { get; } = new("no call of one node fails", report => report.Failed(Kind.Node).Count == 0);

    public static Promise EveryFailureSays { get; } = new(
        "every failure says whether the method ran", report => report.Failed(Enum.GetValues<Kind>()).All(call => Saying.Contains(call.Outcome.Executed)));

    public static Promise NodeCallsFailUnrun { get; } = new(
        "calls of one node fail only before they ran", report => report.Failed(Kind.Node).All(call => call.Outcome.Executed == "no"));

    public static Promise OnlyStateIsMissed { get; } = new(
        "calls that write state fail only with state_unavailable", report => report.Failed(Kind.Once).All(call => call.Outcome.Reason == "state_unavailable"));

    public static Promise NoneRunsLate { get; } = new("none runs after its caller was told", report => report.RanLate == 0);

    /// <summary>One node is away, and the calls of the others do not notice.</summary>
    public static Promise OnlyCallsOf(string id) =>
        new($"calls of nodes other than {id} do not fail", report => report.Failed(Kind.Node).All(call => call.Request.Method.StartsWith($"echo/{id}/", StringComparison.Ordinal)));
}
