namespace Orrery.Grains.Tests;

/// <summary>Waits for what comes about by itself.</summary>
internal static class Eventually
{
    private const int Looks = 600;

    /// <summary>Looks again and again whether the condition holds, and fails when it doesn't for about a minute.</summary>
    public static async Task Is(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var look = 0; look < Looks; look++)
        {
            if (await condition())
            {
                return;
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Fail("It did not come about.");
    }

    /// <inheritdoc cref="Is(Func{Task{bool}})"/>
    public static Task Is(Func<bool> condition) => Is(() => Task.FromResult(condition()));
}
