using System.Collections.Concurrent;

namespace Orrery.Gateway.Tests.Services;

/// <summary>Lets a test wait for what happens inside a service.</summary>
public sealed class Signals
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();

    private readonly ConcurrentDictionary<string, int> _counts = new();

    /// <summary>How often something has happened, this time included.</summary>
    public int Count(string name) => _counts.AddOrUpdate(name, 1, (_, count) => count + 1);

    /// <summary>How often it has happened so far.</summary>
    public int Counted(string name) => _counts.GetValueOrDefault(name);

    public void Set(string name) => Of(name).TrySetResult();

    public Task Seen(string name) => Of(name).Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    private TaskCompletionSource Of(string name) => _signals.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
