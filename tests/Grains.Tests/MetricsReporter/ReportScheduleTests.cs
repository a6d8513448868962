using Microsoft.Extensions.Time.Testing;
using Orrery.Grains.MetricsReporter;

namespace Orrery.Grains.Tests.MetricsReporter;

public sealed class ReportScheduleTests
{
    private readonly FakeTimeProvider _time = new(Reports.Start);

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.5, 500)]
    [InlineData(0.999, 999)]
    public void The_first_report_is_due_within_a_second(double random, int milliseconds)
    {
        var schedule = Schedule(random);

        Assert.Equal(Reports.Start.AddMilliseconds(milliseconds), schedule.NextReportAt);
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Assert.True(schedule.IsReportDue);
    }

    [Theory]
    [InlineData(int.MinValue, 30)]
    [InlineData(0, 30)]
    [InlineData(29, 30)]
    [InlineData(30, 30)]
    [InlineData(45, 45)]
    [InlineData(300, 300)]
    [InlineData(301, 300)]
    [InlineData(int.MaxValue, 300)]
    public void The_coordinator_chooses_the_interval_within_its_bounds(int wanted, int expected)
    {
        var schedule = Schedule();
        schedule.Measured();

        schedule.Succeeded(wanted);

        Assert.Equal(TimeSpan.FromSeconds(expected), schedule.Interval);
        Assert.Equal(Reports.Start.AddSeconds(expected), schedule.NextReportAt);
        _time.Advance(TimeSpan.FromSeconds(expected) - TimeSpan.FromTicks(1));
        Assert.False(schedule.IsReportDue);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(schedule.IsReportDue);
    }

    [Fact]
    public void Until_the_coordinator_has_said_anything_the_interval_is_the_shortest() =>
        Assert.Equal(ReportSchedule.ShortestInterval, Schedule().Interval);

    [Fact]
    public void A_fixed_interval_holds_against_the_coordinator_until_it_is_given_up()
    {
        var schedule = Schedule();

        schedule.Fix(TimeSpan.FromSeconds(100));
        schedule.Succeeded(60);
        Assert.Equal(TimeSpan.FromSeconds(100), schedule.Interval);

        schedule.Fix(null);
        Assert.Equal(TimeSpan.FromSeconds(60), schedule.Interval);
    }

    [Fact]
    public void An_interval_that_became_shorter_than_what_has_passed_is_due_now()
    {
        var schedule = Schedule();
        schedule.Fix(TimeSpan.FromSeconds(300));
        schedule.Measured();
        _time.Advance(TimeSpan.FromSeconds(100));

        schedule.Fix(TimeSpan.FromSeconds(30));

        Assert.True(schedule.IsReportDue);
        Assert.Equal(_time.GetUtcNow(), schedule.NextReportAt);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    [InlineData(4, 16)]
    [InlineData(5, 32)]
    [InlineData(6, 60)]
    [InlineData(7, 60)]
    [InlineData(5000, 60)]
    public void The_pause_after_failures_is_between_a_second_and_a_bound_that_doubles(int failures, int longest)
    {
        Assert.Equal(ReportSchedule.ShortestBackOff, PauseAfter(failures, random: 0));
        Assert.Equal(TimeSpan.FromSeconds((1 + longest) / 2.0), PauseAfter(failures, random: 0.5));
        Assert.InRange(PauseAfter(failures, random: 0.999999), TimeSpan.FromSeconds(longest - 1), TimeSpan.FromSeconds(longest));
    }

    [Fact]
    public void The_pauses_of_two_nodes_are_not_the_same()
    {
        var pauses = Enumerable.Range(0, 50).Select(seed => PauseAfter(6, new Random(seed))).ToHashSet();

        Assert.True(pauses.Count > 40);
        Assert.All(pauses, pause => Assert.InRange(pause, ReportSchedule.ShortestBackOff, ReportSchedule.LongestBackOff));
    }

    [Fact]
    public void Success_ends_the_pause()
    {
        var schedule = Schedule();
        schedule.Failed();
        Assert.False(schedule.IsAttemptDue);

        schedule.Succeeded(30);

        Assert.True(schedule.IsAttemptDue);
        Assert.Equal(0, schedule.Failures);
    }

    private TimeSpan PauseAfter(int failures, double random) => PauseAfter(failures, new FixedRandom(random));

    // Found by halving: the schedule tells only whether it is over.
    private TimeSpan PauseAfter(int failures, Random random)
    {
        var schedule = new ReportSchedule(_time, random);
        for (var i = 0; i < failures; i++)
        {
            schedule.Failed();
        }

        Assert.Equal(failures, schedule.Failures);
        var pause = TimeSpan.Zero;
        while (!schedule.IsAttemptDue)
        {
            var step = TimeSpan.FromMilliseconds(500);
            _time.Advance(step);
            pause += step;
        }

        return pause;
    }

    private ReportSchedule Schedule(double random = 0) => new(_time, new FixedRandom(random));

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
