namespace Orrery.Cluster.Tests.Durable;

/// <summary>Tests that stop, freeze and starve processes. They have the machine for themselves: what they do to it is the test.</summary>
[CollectionDefinition(nameof(Failures), DisableParallelization = true)]
public sealed class Failures
{
    /// <summary>Lets something last: here the time itself is what is done to the cluster.</summary>
    internal static async Task LastAsync(TimeSpan duration)
    {
        using var timer = new PeriodicTimer(duration);
        await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }
}
