using System.Diagnostics;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Tests.Routing;

public sealed class InstanceLoadTests
{
    private static readonly long Second = Stopwatch.Frequency;
    private static readonly RpcError Lost = new((int)RpcErrorCode.NodeUnavailable, "lost", RpcErrorReason.NodeUnavailable, Executed.Maybe);
    private static readonly RpcError Full = RpcError.NotExecuted(RpcErrorCode.Overloaded, RpcErrorReason.Overloaded, "full", retryable: true) with { RetryAfterMs = 500 };

    private readonly InstanceLoad _load = new();

    [Fact]
    public void A_latency_is_forgotten_as_time_goes_by()
    {
        Call(started: 0, ended: Second);

        Assert.Equal(Second, _load.Latency(Second));
        Assert.Equal(Second / 2.0, _load.Latency(6 * Second), tolerance: 1);
        Assert.Equal(Second / 4.0, _load.Latency(11 * Second), tolerance: 1);
    }

    [Fact]
    public void A_quick_refusal_is_not_taken_for_a_quick_node()
    {
        Call(started: 0, ended: Second);
        Call(started: Second, ended: Second + 1, Full);

        Assert.Equal(Second, _load.Latency(Second), tolerance: 1);
        Assert.True(_load.IsToBeAvoided(Second + (Second / 4)));
        Assert.False(_load.IsToBeAvoided(Second + Second));
    }

    [Fact]
    public void A_call_that_was_given_up_soon_does_not_make_the_node_quicker()
    {
        Call(started: 0, ended: Second);
        Call(started: Second, ended: Second + 10, Lost);

        Assert.Equal(Second, _load.Latency(Second), tolerance: 1);
    }

    [Fact]
    public void A_node_that_leaves_calls_unanswered_is_avoided_until_it_answers_again()
    {
        Call(started: 0, ended: Second / 1000);
        _load.Begin(Second);

        Assert.False(_load.IsToBeAvoided(2 * Second));
        Assert.True(_load.IsToBeAvoided((2 * Second) + 1));

        Call(started: Second, ended: 3 * Second);
        Assert.False(_load.IsToBeAvoided(3 * Second));
    }

    [Fact]
    public void A_node_with_nothing_to_answer_is_not_silent()
    {
        Call(started: 0, ended: Second / 1000);

        Assert.False(_load.IsToBeAvoided(1000 * Second));
        _load.Begin(1000 * Second);
        Assert.False(_load.IsToBeAvoided(1000 * Second));
    }

    [Fact]
    public void A_method_that_takes_long_everywhere_makes_no_node_silent()
    {
        Call(started: 0, ended: 2 * Second);
        _load.Begin(2 * Second);

        Assert.False(_load.IsToBeAvoided(30 * Second));
    }

    [Fact]
    public void A_slow_node_gets_few_of_the_calls_and_one_that_is_not_known_its_share()
    {
        var (slow, quick, fresh) = (Instance("slow"), Instance("quick"), Instance("fresh"));
        var now = Stopwatch.GetTimestamp();
        foreach (var (instance, milliseconds) in new[] { (slow, 100), (quick, 10) })
        {
            instance.Load.Begin(now - (milliseconds * Second / 1000));
            instance.Load.End(now - (milliseconds * Second / 1000), now, null);
        }

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Same(quick, Balance.Choose([slow, quick])));
        fresh.Load.Begin(now);
        Assert.Same(quick, Balance.Choose([quick, fresh]));
        quick.Load.Begin(now);
        quick.Load.Begin(now);
        Assert.Same(fresh, Balance.Choose([quick, fresh]));
    }

    [Fact]
    public void A_choice_among_others_leaves_out_where_the_call_has_been()
    {
        var (one, other) = (Instance("one"), Instance("other"));

        Assert.Same(other, Balance.ChooseOther([one, other], [one]));
        Assert.Null(Balance.ChooseOther([one, other], [one, other]));
    }

    [Fact]
    public void When_all_are_to_be_avoided_one_of_them_is_taken()
    {
        var (one, other) = (Instance("one"), Instance("other"));
        foreach (var instance in new[] { one, other })
        {
            var now = Stopwatch.GetTimestamp();
            instance.Load.Begin(now);
            instance.Load.End(now, now, Full with { RetryAfterMs = 60_000 });
        }

        Assert.NotNull(Balance.Choose([one, other]));
    }

    private static ServiceInstance Instance(string node) =>
        new(new NodeEntry(SiloAddress.New(new(System.Net.IPAddress.Loopback, 1), 1), node), GrainId.Create("svc.echo", node), new ServiceDescription("echo", null, [], []));

    private void Call(long started, long ended, RpcError? error = null)
    {
        _load.Begin(started);
        _load.End(started, ended, error);
    }
}
