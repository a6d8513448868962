using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orrery.Rpc.Database;

/// <summary>
/// Asks the database now and then whether it is there, says so in the log when that changes, and reports it as health.
/// The node works on without it: a database that is away makes the node degraded, not unhealthy.
/// </summary>
internal sealed partial class DatabaseWatch(DatabaseSettings settings, DatabaseSources sources, TimeProvider time, ILogger<DatabaseWatch> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private volatile string? _problem;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _problem is { } problem
            ? HealthCheckResult.Degraded($"The database {settings.Name} can't be reached: {problem}")
            : HealthCheckResult.Healthy($"The database {settings.Name} answers."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task<string?>? question = null;
        // Until it is told to stop, or the start fails and the host is thrown away.
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Asked once and waited for, however long that takes: to cancel a question, the driver asks the server.
            question ??= AskAsync(stoppingToken);
            await Task.WhenAny(question, Task.Delay(Patience, time, stoppingToken));
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            Say(question.IsCompleted ? await question : $"no answer within {Patience.TotalSeconds} s");
            question = question.IsCompleted ? null : question;
        }
    }

    private async Task<string?> AskAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var command = sources.Membership.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(stoppingToken);
            return null;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return exception.GetBaseException().Message.TrimEnd('.');
        }
    }

    private void Say(string? problem)
    {
        if (problem is not null && _problem is null)
        {
            LogAway(settings.Name, problem);
            // The connections in the pool are those to the server that is gone: the first writes after it is back would
            // meet them.
            sources.State.Clear();
        }
        else if (problem is null && _problem is not null)
        {
            LogBack(settings.Name);
        }

        _problem = problem;
    }

    [LoggerMessage(LogLevel.Warning, "The database {Database} can't be reached: {Problem}. Calls go on; until it is back no node can join, and no state can be written")]
    private partial void LogAway(string database, string problem);

    [LoggerMessage(LogLevel.Information, "The database {Database} is back")]
    private partial void LogBack(string database);
}
