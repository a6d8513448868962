namespace Orrery.Rpc.Invocation.Batches;

/// <summary>Calls that came in one message, where they run.</summary>
/// <param name="count">How many they are.</param>
/// <param name="context">What they are part of.</param>
internal sealed class ParcelCalls(int count, CallContext context)
{
    // What an answer needs to be back before the caller's time is up.
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(1);

    private readonly CallOutcome[] _outcomes = new CallOutcome[count];
    private readonly Dictionary<int, Task<CallOutcome>> _running = [];
    private bool _isAnyRefused;

    /// <summary>Whether some did not run, which can do so elsewhere, while others still do.</summary>
    public bool IsAnyToBeMadeElsewhere => _isAnyRefused && _running.Count > 0;

    public void Add(int index, ValueTask<CallOutcome> call)
    {
        if (call.IsCompletedSuccessfully)
        {
            var outcome = call.GetAwaiter().GetResult();
            _outcomes[index] = outcome;
            _isAnyRefused |= outcome.Error is { Executed: Executed.No };
        }
        else
        {
            _running.Add(index, call.AsTask());
        }
    }

    /// <summary>Gives the outcomes that are there, and forgets them.</summary>
    /// <param name="rest">What to ask for the others by.</param>
    public ParcelOutcome TakeThoseThatAreThere(long rest)
    {
        var outcome = ParcelOutcome.Of(_outcomes, rest);
        Array.Clear(_outcomes);
        return outcome;
    }

    /// <summary>Gives the outcomes when all are there. One that hangs must not cost the others theirs.</summary>
    public async ValueTask<ParcelOutcome> WaitAsync()
    {
        if (_running.Count > 0)
        {
            var left = TimeSpan.FromMilliseconds(Math.Clamp(context.Deadline - CallClock.Now, 0, int.MaxValue));
            Task all = Task.WhenAll(_running.Values);
            await all.WaitAsync(left - TimeSpan.FromTicks(Math.Min(left.Ticks / 10, TimeToAnswer.Ticks)))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        var areOver = true;
        foreach (var (index, call) in _running)
        {
            areOver &= call.IsCompleted;
            _outcomes[index] = call.IsCompleted ? await call : CallFailure.NoAnswerInTime;
        }

        if (areOver)
        {
            context.End();
        }

        return ParcelOutcome.Of(_outcomes);
    }
}
