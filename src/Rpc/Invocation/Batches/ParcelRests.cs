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
        var number = ++_last;
        var outcome = calls.TakeThoseThatAreThere(number);
        var rest = calls.WaitAsync().AsTask();
        _rests.Add(number, rest);
        _ = ForgetAsync(number, rest);
        return outcome;
    }

    /// <summary>Gives the outcomes of the others, once they are there.</summary>
    /// <exception cref="RpcException">Nothing is known of them.</exception>
    public Task<ParcelOutcome> TakeAsync(int number) => _rests.Remove(number, out var rest) ? rest : throw new RpcException(CallFailure.NoAnswerInTime);

    private async Task ForgetAsync(int number, Task rest)
    {
        await rest;
        await Task.Delay(Kept, TimeProvider.System);
        _rests.Remove(number);
    }
}
