using Microsoft.Extensions.Logging;
using Orrery.Grains.MetricsDashboard;
using Orrery.Rpc;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Grains.MetricsReporter;

/// <summary>Measures, delivers, and keeps what could not be delivered until the coordinator is back.</summary>
/// <param name="nodeId">The node that reports.</param>
/// <param name="measure">Makes a report.</param>
/// <param name="send">Gives a report to the coordinator.</param>
/// <param name="schedule">Says when.</param>
/// <param name="health">Is told while the coordinator is away.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told when the coordinator goes and when it is back, not of each attempt.</param>
/// <remarks>For one thread at a time, as a grain is; its methods may overlap at their awaits.</remarks>
internal sealed partial class Reporter(
    string nodeId,
    Func<Task<Report>> measure,
    Func<Report, Task<ReportReceipt>> send,
    ReportSchedule schedule,
    HealthReport health,
    TimeProvider time,
    ILogger<Reporter> logger)
{
    /// <summary>How many reports are delivered at a time, so that a coordinator that is back is not flooded.</summary>
    public const int AtATime = 10;

    private readonly ReportBacklog _backlog = new();
    private int _underWay;
    private long _sent;
    private long _failed;
    private long _refused;
    private DateTimeOffset? _lastReportAt;
    private string? _lastError;
    // Since the coordinator went away; null while it is there.
    private int? _deliveredSince;

    public ReporterStats Stats => new(
        nodeId,
        _sent,
        _failed,
        _backlog.Count + _underWay,
        _backlog.Lost + _refused,
        (int)schedule.Interval.TotalSeconds,
        _lastReportAt,
        _lastError,
        schedule.Failures,
        schedule.NextReportAt);

    /// <summary>Measures if it is time to.</summary>
    public async Task MeasureWhenDueAsync()
    {
        if (schedule.IsReportDue)
        {
            _backlog.Add(await MeasureAsync());
        }
    }

    /// <summary>Delivers what there is, the oldest first, until an attempt fails or there were enough for once.</summary>
    public async Task DeliverWhenDueAsync()
    {
        for (var i = 0; i < AtATime && schedule.IsAttemptDue && _backlog.Take() is { } report; i++)
        {
            await DeliverAsync(report);
        }
    }

    /// <summary>Measures and delivers at once.</summary>
    /// <exception cref="RpcException">The report was not taken.</exception>
    public async Task<ReportReceipt> ReportNowAsync()
    {
        var (receipt, error) = await DeliverAsync(await MeasureAsync());
        return receipt ?? throw new RpcException((int)RpcErrorCode.ServiceError, $"The coordinator did not take the report. {error!.Message}", new { error.Code, error.Reason });
    }

    private Task<Report> MeasureAsync()
    {
        // Noted first, so that two don't measure at once.
        schedule.Measured();
        return measure();
    }

    private async Task<(ReportReceipt? Receipt, RpcError? Error)> DeliverAsync(Report report)
    {
        _underWay++;
        try
        {
            var receipt = await send(report);
            Took(receipt);
            return (receipt, null);
        }
        catch (RpcException refusal) when (refusal.Code == (int)RpcErrorCode.InvalidParams)
        {
            Refused(report, refusal.Error);
            return (null, refusal.Error);
        }
        catch (Exception exception)
        {
            var error = CallFailure.From(exception);
            Failed(report, error);
            return (null, error);
        }
        finally
        {
            _underWay--;
        }
    }

    private void Took(ReportReceipt receipt)
    {
        schedule.Succeeded(receipt.NextReportInterval);
        _sent++;
        _lastReportAt = time.GetUtcNow();
        _lastError = null;
        _deliveredSince++;
        NoteBack();
    }

    // It would be refused again.
    private void Refused(Report report, RpcError error)
    {
        schedule.Answered();
        _refused++;
        _lastError = error.Message;
        LogRefused(report.Metrics.Timestamp, error.Message);
        NoteBack();
    }

    private void Failed(Report report, RpcError error)
    {
        schedule.Failed();
        _failed++;
        _lastError = error.Message;
        _backlog.Add(report);
        if (_deliveredSince is null)
        {
            _deliveredSince = 0;
            health.Degraded($"the coordinator does not take reports, which are kept: {error.Message}");
            LogAway(error.Message);
        }
    }

    private void NoteBack()
    {
        if (_deliveredSince is { } delivered && _backlog.Count == 0)
        {
            _deliveredSince = null;
            health.Healthy();
            LogBack(delivered);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The coordinator does not take reports. They are kept, and it is asked again: {Error}")]
    private partial void LogAway(string error);

    [LoggerMessage(LogLevel.Information, "The coordinator takes reports again: {Count} were delivered")]
    private partial void LogBack(int count);

    [LoggerMessage(LogLevel.Warning, "The coordinator refused the report of {Timestamp:O}, which is lost: {Error}")]
    private partial void LogRefused(DateTimeOffset timestamp, string error);
}
