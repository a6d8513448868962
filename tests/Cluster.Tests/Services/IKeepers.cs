using Orrery.Rpc;

namespace Orrery.Cluster.Tests.Services;

/// <summary>Two services that call their state the same.</summary>
public interface IAccount : IService
{
    Task<int> Add(int amount);

    Task<int> Sum();

    Task Clear();
}

public interface IDiary : IService
{
    Task Write(string line);

    Task<IReadOnlyList<string>> Lines();
}

internal sealed class AccountGrain([PersistentState("kept")] IPersistentState<AccountState> kept) : Grain, IAccount
{
    public async Task<int> Add(int amount)
    {
        kept.State.Sum += amount;
        await kept.WriteStateAsync();
        return kept.State.Sum;
    }

    public Task<int> Sum() => Task.FromResult(kept.State.Sum);

    public Task Clear() => kept.ClearStateAsync();
}

internal sealed class DiaryGrain([PersistentState("kept")] IPersistentState<DiaryState> kept) : Grain, IDiary
{
    public Task Write(string line)
    {
        kept.State = kept.State with { Lines = [.. kept.State.Lines, line] };
        return kept.WriteStateAsync();
    }

    public Task<IReadOnlyList<string>> Lines() => Task.FromResult(kept.State.Lines);
}

internal sealed class AccountState
{
    public int Sum { get; set; }
}

internal sealed record DiaryState
{
    public IReadOnlyList<string> Lines { get; init; } = [];
}
