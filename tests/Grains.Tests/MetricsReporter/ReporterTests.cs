using Microsoft.Extensions.Time.Testing;
using Orrery.Grains.MetricsDashboard;
using Orrery.Grains.MetricsReporter;
using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;
using Orrery.Tests;

namespace Orrery.Grains.Tests.MetricsReporter;

public sealed class ReporterTests
{
    private readonly FakeTimeProvider _time = new(Reports.Start);
    private readonly LoggedLines<Reporter> _log = new();
    private readonly ReportSchedule _schedule;
    private readonly Reporter _reporter;
    private readonly List<Report> _taken = [];
    private Func<Report, Task<ReportReceipt>> _coordinator;
    private ServiceHealth _health;

    public ReporterTests()
    {
        _schedule = new ReportSchedule(_time, new Random(1));
        _reporter = new Reporter("worker-1", () => Task.FromResult(Reports.At(_time.GetUtcNow())), report => _coordinator!(report), _schedule, new HealthReport((health, _) => _health = health), _time, _log);
        _coordinator = Takes;
    }

    private IEnumerable<DateTimeOffset> TakenTimes => _taken.Select(report => report.Metrics.Timestamp);

    [Fact]
    public async Task The_first_report_goes_out_at_once_and_the_next_when_the_coordinator_wants_it()
    {
        _coordinator = report => Takes(report, interval: 90);
        await RunAsync(TimeSpan.FromSeconds(2));
        Assert.Single(_taken);

        await RunAsync(TimeSpan.FromSeconds(85));
        Assert.Single(_taken);

        await RunAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, _taken.Count);
        var stats = _reporter.Stats;
        Assert.Equal(("worker-1", 2L, 0L, 0, 0L, 90), (stats.NodeId, stats.ReportsSent, stats.ReportsFailed, stats.Backlog, stats.Dropped, stats.IntervalSeconds));
        Assert.Equal((null, 0), (stats.LastError, stats.ConsecutiveFailures));
        Assert.Equal(_taken[1].Metrics.Timestamp, stats.LastReportAt);
        Assert.Equal(_taken[1].Metrics.Timestamp.AddSeconds(90), stats.NextReportAt);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task While_the_coordinator_is_away_reports_are_kept_and_it_is_asked_less_and_less()
    {
        _coordinator = _ => throw Away();

        await RunAsync(TimeSpan.FromMinutes(10));

        var stats = _reporter.Stats;
        Assert.Equal(20, stats.Backlog);
        Assert.Equal((0L, 0L, null), (stats.ReportsSent, stats.Dropped, stats.LastReportAt));
        Assert.Equal(("away", ServiceHealth.Degraded), (stats.LastError, _health));
        Assert.Equal(stats.ReportsFailed, stats.ConsecutiveFailures);
        // On average every 30 seconds once the bound is reached, never more often than the pauses allow.
        Assert.InRange(stats.ReportsFailed, 10, 60);
        var line = Assert.Single(_log.All);
        Assert.StartsWith("Warning The coordinator does not take reports", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_coordinator_is_back_it_gets_all_that_was_kept_oldest_first_with_their_own_times()
    {
        _coordinator = _ => throw Away();
        await RunAsync(TimeSpan.FromMinutes(10));
        _coordinator = Takes;

        await RunAsync(TimeSpan.FromMinutes(2));

        Assert.InRange(_taken.Count, 23, 25);
        Assert.Equal(TakenTimes.Order(), TakenTimes);
        Assert.True(TakenTimes.First() < Reports.Start.AddSeconds(2));
        Assert.Equal(TakenTimes.Distinct().Count(), _taken.Count);
        Assert.Equal((0, 0, null), (_reporter.Stats.Backlog, _reporter.Stats.ConsecutiveFailures, _reporter.Stats.LastError));
        Assert.Equal(ServiceHealth.Healthy, _health);
        Assert.Equal(2, _log.All.Count);
        Assert.Matches("^Information The coordinator takes reports again: 2[0-9] were delivered$", _log.All.Last());
    }

    [Fact]
    public async Task A_coordinator_that_is_back_gets_only_so_many_at_a_time()
    {
        _coordinator = _ => throw Away();
        await RunAsync(TimeSpan.FromMinutes(15));
        _coordinator = Takes;
        _time.Advance(ReportSchedule.LongestBackOff);

        await _reporter.DeliverWhenDueAsync();

        Assert.Equal(Reporter.AtATime, _taken.Count);
    }

    [Fact]
    public async Task After_a_long_outage_the_newest_reports_are_left_and_the_others_are_counted()
    {
        _coordinator = _ => throw Away();
        await RunAsync(TimeSpan.FromMinutes(75));
        Assert.Equal((ReportBacklog.Capacity, 30L), (_reporter.Stats.Backlog, _reporter.Stats.Dropped));
        _coordinator = Takes;

        await RunAsync(TimeSpan.FromMinutes(2));

        Assert.True(TakenTimes.First() > Reports.Start.AddMinutes(14));
        Assert.Equal(0, _reporter.Stats.Backlog);
    }

    [Fact]
    public async Task A_report_that_is_refused_is_lost_and_counted_and_the_next_one_goes_out()
    {
        var refused = 0;
        _coordinator = report => refused++ == 0 ? throw RpcException.InvalidParameter("metrics", "from the future") : Takes(report);

        await RunAsync(TimeSpan.FromSeconds(40));

        var stats = _reporter.Stats;
        Assert.Equal((1L, 1L, 0L, 0), (stats.ReportsSent, stats.Dropped, stats.ReportsFailed, stats.Backlog));
        Assert.StartsWith("Warning The coordinator refused the report of 2026-01-02T03:04:0", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_after_an_outage_says_that_the_coordinator_is_back()
    {
        _coordinator = _ => throw Away();
        await RunAsync(TimeSpan.FromSeconds(2));
        _coordinator = _ => throw RpcException.InvalidParameter("metrics", "no");

        await RunAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((1L, 0, 0), (_reporter.Stats.Dropped, _reporter.Stats.Backlog, _reporter.Stats.ConsecutiveFailures));
        Assert.Equal("no", _reporter.Stats.LastError);
        Assert.EndsWith("again: 0 were delivered", _log.All.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outage_with_a_gleam_in_it_is_one_outage_in_the_log()
    {
        var calls = 0;
        _coordinator = _ => throw Away();
        await RunAsync(TimeSpan.FromMinutes(5));
        _coordinator = report => ++calls % 4 == 0 ? throw Away() : Takes(report);

        await RunAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(["Warning", "Information"], _log.All.Take(2).Select(line => line.Split(' ')[0]));
        Assert.Equal(TakenTimes.Order(), TakenTimes);
        Assert.Equal(TakenTimes.Distinct().Count(), _taken.Count);
    }

    [Fact]
    public async Task A_coordinator_that_does_not_answer_holds_up_no_measurement()
    {
        var answer = new TaskCompletionSource<ReportReceipt>();
        _coordinator = _ => answer.Task;
        _time.Advance(TimeSpan.FromSeconds(1));
        await _reporter.MeasureWhenDueAsync();
        var delivering = _reporter.DeliverWhenDueAsync();

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(ReportSchedule.ShortestInterval);
            await _reporter.MeasureWhenDueAsync();
        }

        Assert.Equal(4, _reporter.Stats.Backlog);
        answer.SetException(new TimeoutException());
        await delivering;
        Assert.Equal(4, _reporter.Stats.Backlog);
        Assert.Equal("No answer came in time. The method may have run.", _reporter.Stats.LastError);
    }

    [Fact]
    public async Task Report_now_gives_the_receipt_and_puts_off_the_next_report()
    {
        var receipt = await _reporter.ReportNowAsync();

        Assert.Equal(new ReportReceipt("accepted", 30), receipt);
        Assert.Equal(Reports.Start.AddSeconds(30), _reporter.Stats.NextReportAt);
        await RunAsync(TimeSpan.FromSeconds(29));
        Assert.Single(_taken);
    }

    [Fact]
    public async Task Report_now_asks_also_in_the_pause_after_a_failure_and_says_what_went_wrong()
    {
        _coordinator = _ => throw Away();
        await RunAsync(TimeSpan.FromMinutes(1));
        var backlog = _reporter.Stats.Backlog;

        var error = await Assert.ThrowsAsync<RpcException>(_reporter.ReportNowAsync);

        Assert.Equal(("The coordinator did not take the report. away", (int)RpcErrorCode.ServiceError, Executed.Yes), (error.Message, error.Code, error.Executed));
        Assert.Equal("service_error", error.GetDetails<Dictionary<string, object>>()!["reason"].ToString());
        Assert.Equal(backlog + 1, _reporter.Stats.Backlog);

        _coordinator = Takes;
        await _reporter.ReportNowAsync();
        await _reporter.DeliverWhenDueAsync();

        Assert.Equal(0, _reporter.Stats.Backlog);
        Assert.Equal(TakenTimes.Skip(1).Order(), TakenTimes.Skip(1));
    }

    [Fact]
    public async Task Report_now_that_is_refused_is_not_kept()
    {
        _coordinator = _ => throw RpcException.InvalidParameter("metrics", "no");

        await Assert.ThrowsAsync<RpcException>(_reporter.ReportNowAsync);

        Assert.Equal((0, 1L), (_reporter.Stats.Backlog, _reporter.Stats.Dropped));
    }

    private static RpcException Away() => new("away");

    private Task<ReportReceipt> Takes(Report report) => Takes(report, 30);

    private Task<ReportReceipt> Takes(Report report, int interval)
    {
        _taken.Add(report);
        return Task.FromResult(new ReportReceipt("accepted", interval));
    }

    // As the grain's timers do, each second.
    private async Task RunAsync(TimeSpan span)
    {
        for (var second = 0; second < span.TotalSeconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _reporter.MeasureWhenDueAsync();
            await _reporter.DeliverWhenDueAsync();
        }
    }
}
