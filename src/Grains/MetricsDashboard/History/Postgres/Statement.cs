using Npgsql;
using NpgsqlTypes;

namespace Orrery.Grains.MetricsDashboard.History.Postgres;

/// <summary>Puts statements and their values together.</summary>
internal static class Statement
{
    /// <summary>
    /// Whoever changes the history of a cluster does so one after the other: the coordinator that is in charge, and for a
    /// moment the one that was. It holds until the end of the transaction. The statements after it see what was committed
    /// before it was had. A number of its own: nodes that join take turns by 7311147, and shall not wait for a roll-up.
    /// </summary>
    private const string Lock = "SELECT pg_advisory_xact_lock(7311148, hashtext($1))";

    /// <summary>A batch is one transaction, unless it is in another one.</summary>
    public static void AddLock(this NpgsqlBatch batch, string clusterId) => batch.Add(Lock, clusterId);

    public static void Add(this NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        Bind(command.Parameters, values);
        batch.BatchCommands.Add(command);
    }

    public static NpgsqlCommand CreateCommand(this NpgsqlDataSource database, string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        Bind(command.Parameters, values);
        return command;
    }

    private static void Bind(NpgsqlParameterCollection parameters, object[] values)
    {
        foreach (var value in values)
        {
            parameters.Add(value is Json json
                ? new NpgsqlParameter { Value = json.Values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb }
                : new NpgsqlParameter { Value = value });
        }
    }
}

/// <summary>Texts that are JSON, for a parameter of that type.</summary>
internal sealed record Json(string[] Values);
