namespace HelloServices;

internal sealed class CounterGrain([PersistentState("counter")] IPersistentState<Count> count) : Grain, ICounter
{
    public async Task<long> Add(long amount)
    {
        count.State.Value += amount;
        try
        {
            await count.WriteStateAsync();
        }
        catch
        {
            // The caller is told that it failed, so the next write must not bring it along.
            count.State.Value -= amount;
            throw;
        }

        return count.State.Value;
    }

    public Task<long> Get() => Task.FromResult(count.State.Value);
}

internal sealed class Count
{
    public long Value { get; set; }
}
