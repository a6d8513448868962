using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;
using Orrery.Rpc.Database;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Lets nodes that start together write to the membership one after the other. Of two writes at once Orleans' protocol
/// lets one through, and the other waits for two seconds and more: ten nodes would need a minute.
/// </summary>
internal sealed partial class JoinTurn(DatabaseSources sources, IOptions<ClusterOptions> cluster, ILogger<JoinTurn> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    // Turns are polite, not needed: a node that does not get its own in time writes anyway.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private NpgsqlConnection? _turn;

    public void Participate(ISiloLifecycle observer)
    {
        observer.Subscribe(nameof(JoinTurn), JoinStages.TakeTurnToJoin, TakeAsync);
        observer.Subscribe(nameof(JoinTurn), JoinStages.EndTurnToJoin, _ => EndAsync());
        observer.Subscribe(nameof(JoinTurn), JoinStages.TakeTurnToBecomeActive, TakeAsync);
        observer.Subscribe(nameof(JoinTurn), JoinStages.EndTurnToBecomeActive, _ => EndAsync());
    }

    // A lock that ends with its transaction, so that it works through a pooler and ends with the process.
    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            _turn = await sources.Membership.OpenConnectionAsync(cancellationToken);
            await using var begin = new NpgsqlCommand("BEGIN", _turn);
            await begin.ExecuteNonQueryAsync(cancellationToken);
            await using var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7311147, hashtext($1))", _turn)
            {
                CommandTimeout = (int)Patience.TotalSeconds,
                Parameters = { new() { Value = cluster.Value.ClusterId } },
            };
            await take.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            LogNoTurn(exception);
            await EndAsync();
        }
    }

    // Closing ends the transaction.
    private async Task EndAsync()
    {
        if (_turn is { } turn)
        {
            _turn = null;
            await turn.DisposeAsync();
        }
    }

    [LoggerMessage(LogLevel.Debug, "Did not get a turn to write to the membership, and writes without")]
    private partial void LogNoTurn(Exception exception);
}
