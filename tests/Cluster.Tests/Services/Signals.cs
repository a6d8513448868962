using System.Collections.Concurrent;

namespace Orrery.Cluster.Tests.Services;

/// <summary>Lets a test wait for what happens inside a service, and the other way round.</summary>
public sealed class Signals
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public void Set(string name) => Of(name).TrySetResult();

    public void Reset(string name) => _signals.TryRemove(name, out _);

    public bool IsSet(string name) => Of(name).Task.IsCompleted;

    public Task Seen(string name) => Of(name).Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Counts one more; whoever waits for the first, or for <c>name 2</c>, sees it.</summary>
    public int Count(string name)
    {
        var count = _counts.AddOrUpdate(name, 1, (_, before) => before + 1);
        Set(count == 1 ? name : $"{name} {count}");
        return count;
    }

    public int Counted(string name) => _counts.GetValueOrDefault(name);

    private TaskCompletionSource Of(string name) => _signals.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
