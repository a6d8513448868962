using Microsoft.Extensions.Time.Testing;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Tests.Routing;

public sealed class RetryBudgetTests
{
    private readonly FakeTimeProvider _time = new();
    private long _calls;

    [Fact]
    public void There_is_a_share_of_the_calls_and_a_few_each_second()
    {
        var budget = new RetryBudget(() => _calls, percent: 20, _time);
        Assert.Equal(10, Taken(budget));

        _calls += 1000;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(210, Taken(budget));
    }

    [Fact]
    public void It_is_not_saved_up_without_end()
    {
        var budget = new RetryBudget(() => _calls, percent: 100, _time);

        _calls += 1_000_000;
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1000, Taken(budget));
    }

    [Fact]
    public void Zero_percent_is_none()
    {
        var budget = new RetryBudget(() => _calls, percent: 0, _time);

        _calls += 1000;
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, Taken(budget));
    }

    private static int Taken(RetryBudget budget)
    {
        var taken = 0;
        while (budget.TryTake())
        {
            taken++;
        }

        return taken;
    }
}
