using Orrery.Rpc.Invocation;

namespace Orrery.Rpc.Tests.Invocation;

public sealed class PatientWaitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_call_that_ends_in_time_gives_what_it_came_to()
    {
        for (var i = 0; i < 3; i++)
        {
            var (call, wait) = Begin<int>();
            var isInTime = wait.WaitAsync(Long);
            call.SetResult(i);

            Assert.True(await isInTime);
            Assert.Equal(i, wait.TakeResult());
        }

        var (failing, failed) = Begin<int>();
        failing.SetException(new RpcException(1, "no"));
        Assert.True(await failed.WaitAsync(Long));
        Assert.Throws<RpcException>(() => failed.TakeResult());
    }

    [Fact]
    public async Task A_call_that_takes_longer_goes_on()
    {
        var (call, wait) = Begin<int>();
        var (failing, failed) = Begin<int>();

        Assert.False(await wait.WaitAsync(TimeSpan.FromMilliseconds(1)));
        Assert.False(await failed.WaitAsync(TimeSpan.FromMilliseconds(1)));

        call.SetResult(3);
        failing.SetException(new RpcException(1, "no"));
        Assert.Equal(3, await wait.LateResult);
        await Assert.ThrowsAsync<RpcException>(() => failed.LateResult);
    }

    [Fact]
    public async Task It_can_be_waited_where_nothing_flows()
    {
        TaskCompletionSource<Never> call;
        PatientWait<Never> wait;
        using (ExecutionContext.SuppressFlow())
        {
            (call, wait) = Begin<Never>();
        }

        var isInTime = wait.WaitAsync(Long);
        call.SetResult(new Never());
        Assert.True(await isInTime);
        Assert.NotNull(wait.TakeResult());
    }

    private static (TaskCompletionSource<T> Call, PatientWait<T> Wait) Begin<T>()
    {
        var call = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (call, PatientWait<T>.For(new ValueTask<T>(call.Task)));
    }

    // Nobody else waits for one of these, so that this is the first.
    private sealed record Never;
}
