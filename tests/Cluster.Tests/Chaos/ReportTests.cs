using Orrery.Chaos;
using Orrery.Chaos.Calls;

namespace Orrery.Cluster.Tests.Chaos;

/// <summary>The suite finds what it looks for: one that can't fail would prove nothing.</summary>
public sealed class ReportTests
{
    private static readonly Outcome Answered = new(null, "yes");
    private static readonly Outcome Maybe = new("-32002", "maybe", "node_unavailable");
    private static readonly Outcome No = new("-32002", "no", "node_unavailable");

    [Fact]
    public void What_must_not_happen_to_any_call_is_found()
    {
        var report = Read([Append(0, Answered), Append(1, Answered), Append(2, Maybe), Append(3, No), Append(10, Answered)], [2, 0, 1, 1, 1], []);

        Assert.Equal((1, 1, 1), (report.RunTwice, report.Lost, report.RanAfterNo));
        Assert.Equal(3, report.Broken.Count);
    }

    [Fact]
    public void What_a_caller_was_told_rightly_is_no_fault()
    {
        var report = Read([Append(0, Answered), Append(1, Maybe), Append(2, Maybe), Append(3, No), Append(10, Answered)], [1, 0, 1, 0, 1], [Promise.EveryFailureSays]);

        Assert.Empty(report.Broken);
        Assert.Contains("| 2 × -32002 maybe, 1 × -32002 no |", report.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("| 2.0 s | holds |", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_ended_says_nothing_of_the_call()
    {
        var report = Read([Append(0, Outcome.Broken), Append(10, Answered)], [0, 1], [Promise.EveryFailureSays]);

        Assert.Equal("not so: every failure says whether the method ran", Assert.Single(report.Broken));
    }

    [Fact]
    public void A_load_that_fails_until_its_end_has_not_recovered()
    {
        var report = Read([Append(0, Answered), Append(1, No)], [1, 0], []);

        Assert.Equal("not so: all is well in the end", Assert.Single(report.Broken));
        Assert.Contains("| never |", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_of_each_kind_are_held_to_what_is_promised_of_it()
    {
        Call[] calls = [Plain(0, Kind.Idempotent, "calculator/worker/sum", Maybe), Plain(1, Kind.Node, "echo/worker-2/say", No), Plain(10, Kind.Node, "echo/worker-1/say", Answered)];

        Assert.Single(Read(calls, [], [Promise.NoIdempotentCallFails]).Broken);
        Assert.Single(Read(calls, [], [Promise.OnlyCallsOf("worker-1")]).Broken);
        Assert.Empty(Read(calls, [], [Promise.OnlyCallsOf("worker-2"), Promise.NodeCallsFailUnrun]).Broken);
    }

    private static Report Read(Call[] calls, long[] ran, Promise[] promises) => new(
        new Scenario("test", "a test", _ => Task.CompletedTask, promises),
        calls,
        calls.Select(call => call.Request.Entry).OfType<string>().Zip(ran).ToDictionary(),
        RanLate: 0,
        Findings: []);

    private static Call Append(int second, Outcome outcome) => Plain(second, Kind.Once, "ledger/worker/append", outcome, $"entry-{second}");

    private static Call Plain(int second, Kind kind, string method, Outcome outcome, string? entry = null) =>
        new(new CallRequest(kind, method, new { }, entry), TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(1), outcome);
}
