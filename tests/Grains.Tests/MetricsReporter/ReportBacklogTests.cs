using Orrery.Grains.MetricsReporter;

namespace Orrery.Grains.Tests.MetricsReporter;

public sealed class ReportBacklogTests
{
    private readonly ReportBacklog _backlog = new();

    [Fact]
    public void The_oldest_comes_first()
    {
        Add([1, 2, 3]);

        Assert.Equal([1, 2, 3], TakeAll());
        Assert.Null(_backlog.Take());
    }

    [Fact]
    public void One_that_comes_back_is_in_its_place_again()
    {
        Add([1, 2, 3]);
        var first = _backlog.Take()!;
        var second = _backlog.Take()!;
        Add([4]);

        _backlog.Add(second);
        _backlog.Add(first);

        Assert.Equal([1, 2, 3, 4], TakeAll());
    }

    [Fact]
    public void When_it_is_full_the_oldest_is_lost_and_counted()
    {
        Add(Enumerable.Range(0, ReportBacklog.Capacity + 5));

        Assert.Equal(ReportBacklog.Capacity, _backlog.Count);
        Assert.Equal(5, _backlog.Lost);
        Assert.Equal(Enumerable.Range(5, ReportBacklog.Capacity), TakeAll());
    }

    [Fact]
    public void One_that_comes_back_to_a_full_one_is_the_oldest_and_lost()
    {
        Add(Enumerable.Range(0, ReportBacklog.Capacity));
        var oldest = _backlog.Take()!;
        Add([ReportBacklog.Capacity]);

        _backlog.Add(oldest);

        Assert.Equal(1, _backlog.Lost);
        Assert.Equal(Enumerable.Range(1, ReportBacklog.Capacity), TakeAll());
    }

    [Fact]
    public void Two_of_one_time_keep_their_order()
    {
        var (one, two) = (Reports.Number(1), Reports.Number(1));
        _backlog.Add(one);
        _backlog.Add(two);

        Assert.Same(one, _backlog.Take());
        Assert.Same(two, _backlog.Take());
    }

    private void Add(IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
        {
            _backlog.Add(Reports.Number(number));
        }
    }

    private IEnumerable<int> TakeAll()
    {
        while (_backlog.Take() is { } report)
        {
            yield return Reports.NumberOf(report);
        }
    }
}
