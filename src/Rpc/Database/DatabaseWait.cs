using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Database;

/// <summary>
/// Holds the start back until the database answers and has the tables, and says what it waits for; Orleans itself would
/// end the process. What waiting can't mend stops the start.
/// </summary>
internal sealed partial class DatabaseWait(DatabaseSettings settings, DatabaseSources sources, IOptions<NodeOptions> node, TimeProvider time, ILogger<DatabaseWait> logger) : IHostedService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        long? logged = null;
        while (await ProblemAsync(cancellationToken) is { } problem)
        {
            if (logged is null || time.GetElapsedTime(logged.Value) >= LogInterval)
            {
                LogWaiting(node.Value.NodeId!, settings.Name, problem);
                logged = time.GetTimestamp();
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = await DatabaseSchema.VersionAsync(sources.Membership, cancellationToken);
            if (settings.Migrate && version is null or < DatabaseSchema.Version)
            {
                await DatabaseSchema.ApplyAsync(sources.Membership, cancellationToken);
                LogMigrated(settings.Name, DatabaseSchema.Version);
                return null;
            }

            return version switch
            {
                null => "the tables are not there. Apply db/schema.sql with psql, or let a node do it with Orrery:Database:Migrate=true",
                < DatabaseSchema.Version => throw Refuse($"it has version {version} of the schema, and this node needs version {DatabaseSchema.Version}. Apply db/schema.sql of this node's release with psql, or let a node do it with Orrery:Database:Migrate=true"),
                > DatabaseSchema.Version => throw Refuse($"it has version {version} of the schema, and this node needs version {DatabaseSchema.Version}. Run nodes of the release that the database was migrated to, or name another database"),
                _ => null,
            };
        }
        catch (PostgresException exception) when (IsLasting(exception.SqlState))
        {
            throw Refuse($"{exception.MessageText.TrimEnd('.')}. {exception.Hint}".TrimEnd('.', ' '));
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return exception.GetBaseException().Message.TrimEnd('.');
        }
    }

    // Wrong credentials, no such database, no right to make or read the tables, no schema to make them in.
    private static bool IsLasting(string state) =>
        state is PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification
            or PostgresErrorCodes.InvalidCatalogName
            or PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.RaiseException;

    private OptionsValidationException Refuse(string problem) =>
        new(DatabaseSettings.ConnectionKey, typeof(NodeOptions), [$"{DatabaseSettings.ConnectionKey}: the database {settings.Name} can't be used: {problem}."]);

    [LoggerMessage(LogLevel.Warning, "{NodeId} waits for the database {Database}: {Problem}")]
    private partial void LogWaiting(string nodeId, string database, string problem);

    [LoggerMessage(LogLevel.Information, "The database {Database} now has version {Version} of the schema")]
    private partial void LogMigrated(string database, int version);
}
