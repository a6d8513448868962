using Orrery.Cluster.Tests.Services;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Cluster.Tests.InProcess;

public sealed class DeadlineTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Proxy Proxy => cluster.Coordinator.Proxy;

    private Signals Signals => cluster.Ports.Signals;

    [Fact]
    public async Task The_time_that_is_left_goes_on_with_the_calls_that_a_call_makes()
    {
        using var scope = CallScope.Begin(TimeSpan.FromSeconds(20), cancellationToken: Token);

        var typed = await Proxy.Get<IStrained>("worker-1").Remaining("worker-2");
        var routed = await Proxy.Get<IStrained>("worker").Remaining("worker-2");
        var byAddress = await Proxy.Call<double?[]>("strained/worker-1/remaining", new { next = "worker-2" }, Token);

        foreach (var remaining in new[] { typed, routed, byAddress! })
        {
            Assert.Equal(2, remaining.Length);
            Assert.InRange(remaining[0]!.Value, 0, 20_000);
            Assert.InRange(remaining[1]!.Value, 0, remaining[0]!.Value);
        }
    }

    [Fact]
    public async Task A_call_has_half_a_minute_when_nobody_says_otherwise()
    {
        var remaining = await Proxy.Get<IStrained>("worker-1").Remaining("worker-2");

        Assert.All(remaining, left => Assert.InRange(left!.Value, 0, 30_000));
        Assert.Null(CallScope.Remaining);
    }

    [Fact]
    public async Task A_scope_within_another_has_no_more_time_than_that_one_and_ends_with_itself()
    {
        using (CallScope.Begin(TimeSpan.FromSeconds(10), cancellationToken: Token))
        {
            using (CallScope.Begin(TimeSpan.FromHours(1), cancellationToken: Token))
            {
                Assert.InRange(CallScope.Remaining!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            }

            Assert.InRange(CallScope.Remaining!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            Assert.Single(await Proxy.Get<IStrained>("worker-1").Remaining());
        }

        Assert.Null(CallScope.Remaining);
    }

    [Theory]
    [InlineData("worker-1")]
    [InlineData("worker")]
    [InlineData(null)]
    public async Task A_call_whose_time_is_up_is_not_sent(string? target)
    {
        using var scope = CallScope.Begin(TimeSpan.Zero, cancellationToken: Token);

        var typed = CallFailure.From(await Assert.ThrowsAnyAsync<Exception>(() => Proxy.Get<IStrained>(target).Hold("too late")));
        var byAddress = CallFailure.From(await Assert.ThrowsAnyAsync<Exception>(() => Proxy.Call(target is null ? "strained/hold" : $"strained/{target}/hold", new { name = "too late" }, Token)));

        Assert.Equal((int)RpcErrorCode.DeadlineExceeded, typed.Code);
        Assert.Equal((int)RpcErrorCode.DeadlineExceeded, byAddress.Code);
        Assert.Equal(0, Signals.Counted("too late runs"));
    }

    [Fact]
    public async Task A_caller_is_told_at_its_deadline_and_the_method_is_cancelled()
    {
        using (CallScope.Begin(TimeSpan.FromMilliseconds(200), cancellationToken: Token))
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("probe/worker-1/wait", new { name = "deadline" }, Token));

            Assert.Equal(((int)RpcErrorCode.DeadlineExceeded, Executed.Maybe), (error.Code, error.Executed));
        }

        await Signals.Seen("deadline cancelled");
    }

    [Fact]
    public async Task A_method_has_a_time_of_its_own()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("strained/worker-1/hold_briefly", new { name = "brief" }, Token));

        Assert.Equal((int)RpcErrorCode.DeadlineExceeded, error.Code);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_cancels_down_the_whole_chain()
    {
        using var hangUp = new CancellationTokenSource();
        var call = Proxy.Get<IStrained>("worker-1").WaitOn("worker-2", "chain", hangUp.Token);
        await Signals.Seen("chain on worker-2");

        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => call);
        await Signals.Seen("chain cancelled");
    }

    [Fact]
    public async Task A_call_that_waited_for_room_until_its_time_was_up_does_not_run()
    {
        var held = new[] { Proxy.Get<IStrained>("worker-2").Hold("in the way"), Proxy.Get<IStrained>("worker-2").Hold("in the way") };
        await Signals.Seen("in the way runs 2");
        using (CallScope.Begin(TimeSpan.FromMilliseconds(100), cancellationToken: Token))
        {
            await Assert.ThrowsAsync<RpcException>(() => Proxy.Call("strained/worker-2/hold", new { name = "behind" }, Token));
            // The timer that told the caller may be a little ahead of the clock.
            using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (CallScope.Remaining > TimeSpan.Zero)
            {
                await interval.WaitForNextTickAsync(Token);
            }
        }

        Signals.Set("in the way may end");
        await Task.WhenAll(held);

        // What comes later has its turn later.
        Assert.Equal("worker-2", await Proxy.Get<IStrained>("worker-2").Where());
        Assert.Equal(0, Signals.Counted("behind runs"));
    }
}
