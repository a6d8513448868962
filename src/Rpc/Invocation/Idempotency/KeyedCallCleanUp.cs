using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace Orrery.Rpc.Invocation.Idempotency;

/// <summary>Deletes the records of keys whose window is over. Any number of nodes do it, each now and then.</summary>
internal sealed partial class KeyedCallCleanUp(
    NpgsqlDataSource database,
    IOptions<ClusterOptions> cluster,
    IOptions<CallsOptions> options,
    TimeProvider time,
    ILogger<KeyedCallCleanUp> logger) : BackgroundService
{
    private const int MostAtOnce = 1000;
    private const int TimesInAWindow = 4;
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    // A little at a time, and never one that another node deletes already.
    private const string Delete = """
        DELETE FROM orrery_state WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM orrery_state
            WHERE cluster_id = $1 AND state_name = $2 AND modified_at < now() - $3
            LIMIT $4 FOR UPDATE SKIP LOCKED))
        """;

    private static readonly string StateName = $"{KeyedCallsGrain.GrainTypeName}/{KeyedCallStore.StateName}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var window = options.Value.IdempotencyWindow;
        var interval = window / TimesInAWindow < LongestInterval ? window / TimesInAWindow : LongestInterval;
        while (true)
        {
            // Not all nodes at the same moment.
            await Task.Delay(interval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken);
            try
            {
                await DeleteAsync(window, stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception.GetBaseException().Message);
            }
        }
    }

    private async Task DeleteAsync(TimeSpan window, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            await using var command = database.CreateCommand(Delete);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster.Value.ServiceId });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StateName });
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = window });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostAtOnce });
            deleted = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (deleted == MostAtOnce);
    }

    [LoggerMessage(LogLevel.Warning, "Idempotency keys whose window is over could not be deleted: {Problem}")]
    private partial void LogFailed(string problem);
}
