namespace Orrery.Rpc.Invocation;

/// <summary>How many calls run at once on this node.</summary>
internal sealed class NodeGate(int limit)
{
    private int _running;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= limit)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _running);
}
