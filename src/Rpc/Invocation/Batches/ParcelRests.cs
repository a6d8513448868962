namespace Orrery.Rpc.Invocation.Batches;

/// <summary>The calls of a service that still run while others of their message have been answered. All on the service's own scheduler.</summary>
internal sealed class ParcelRests
{
    // Whoever asks for them does so at once.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Dictionary<int, Task<ParcelOutcome>> _rests = [];
    private int _last;

    /// <summary>Gives the outcomes that are there, and keeps the calls that run.</summary>
    public ParcelOutcome Keep(ParcelCalls calls)
    {
        var number = Reserve(1);
        var outcome = calls.TakeThoseThatAreThere(number);
        Keep(number, calls.WaitAsync().AsTask());
        return outcome;
    }

    /// <summary>Keeps a call that runs.</summary>
    /// <param name="number">What it is asked for by, of those that were reserved.</param>
    /// <param name="call">The call.</param>
    /// <param name="context">What it is part of, which ends with it.</param>
    public void Keep(int number, ValueTask<CallOutcome> call, CallContext context)
    {
        Keep(number, WaitAsync());

        async Task<ParcelOutcome> WaitAsync()
        {
            var outcome = ParcelOutcome.Of([await call]);
            context.End();
            return outcome;
        }
    }

    /// <summary>Gives the first of so many numbers.</summary>
    public int Reserve(int count)
    {
        // Never 0, which stands for none.
        var first = _last > int.MaxValue - count ? 1 : _last + 1;
        _last = first + count - 1;
        return first;
    }

    /// <summary>Gives the outcomes of the others, once they are there.</summary>
    /// <exception cref="RpcException">Nothing is known of them.</exception>
    public Task<ParcelOutcome> TakeAsync(int number) => _rests.Remove(number, out var rest) ? rest : throw new RpcException(CallFailure.NoAnswerInTime);

    private void Keep(int number, Task<ParcelOutcome> rest)
    {
        _rests[number] = rest;
        _ = ForgetAsync(number, rest);
    }

    private async Task ForgetAsync(int number, Task rest)
    {
        await rest;
        await Task.Delay(Kept, TimeProvider.System);
        if (_rests.TryGetValue(number, out var kept) && kept == rest)
        {
            _rests.Remove(number);
        }
    }
}
