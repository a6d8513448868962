using System.Collections.Concurrent;

namespace Orrery.Rpc.Invocation.Batches;

/// <summary>
/// The calls on this node that still run while others of their message have been answered. They are kept by the node and not
/// by the service: one that is stopped or started again meanwhile has finished them, and whoever asks then comes to its next activation.
/// </summary>
internal sealed class ParcelRests
{
    // Whoever asks for them does so at once.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, Task<ParcelOutcome>> _rests = [];
    private long _last;

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
    public void Keep(long number, ValueTask<CallOutcome> call, CallContext context)
    {
        Keep(number, WaitAsync());

        async Task<ParcelOutcome> WaitAsync()
        {
            var outcome = ParcelOutcome.Of([await call]);
            context.End();
            return outcome;
        }
    }

    /// <summary>Gives the first of so many numbers. Never 0, which stands for none.</summary>
    public long Reserve(int count) => Interlocked.Add(ref _last, count) - count + 1;

    /// <summary>Gives the outcomes of the others, once they are there.</summary>
    /// <exception cref="RpcException">Nothing is known of them.</exception>
    public Task<ParcelOutcome> TakeAsync(long number) => _rests.TryRemove(number, out var rest) ? rest : throw new RpcException(CallFailure.NoAnswerInTime);

    private void Keep(long number, Task<ParcelOutcome> rest)
    {
        _rests[number] = rest;
        _ = ForgetAsync(number, rest);
    }

    private async Task ForgetAsync(long number, Task rest)
    {
        // Not on the scheduler of an activation that may be gone by then.
        await rest.ConfigureAwait(false);
        await Task.Delay(Kept, TimeProvider.System).ConfigureAwait(false);
        _rests.TryRemove(number, out _);
    }
}
