namespace Orrery.Rpc.Invocation;

/// <summary>Counts the calls that run, against the most that may.</summary>
internal sealed class CallLimit(int most)
{
    private int _running;
    private int _waiting;

    /// <summary>How many run.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>How many wait for room in their service.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public bool IsFull => Volatile.Read(ref _running) >= most;

    public void Enter() => Interlocked.Increment(ref _running);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= most)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void BeginToWait() => Interlocked.Increment(ref _waiting);

    public void EndToWait() => Interlocked.Decrement(ref _waiting);

    public void Leave() => Interlocked.Decrement(ref _running);
}
