namespace Orrery.Rpc.Invocation;

/// <summary>Counts the calls that run, against the most that may.</summary>
internal sealed class CallLimit(int most)
{
    private int _running;

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

    public void Leave() => Interlocked.Decrement(ref _running);
}
