using Npgsql;

namespace Orrery.Rpc.Database;

/// <summary>The tables that this version of the platform works with; <c>db/schema.sql</c>.</summary>
internal static class DatabaseSchema
{
    /// <summary>The version that the script makes, and the only one that a node works with.</summary>
    public const int Version = 2;

    private static readonly string Script = ReadScript();

    /// <summary>Gives the version in the database, or null when the tables aren't there.</summary>
    public static async Task<int?> VersionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var exists = database.CreateCommand("SELECT to_regclass('orrery_schema') IS NOT NULL");
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
        {
            return null;
        }

        await using var version = database.CreateCommand("SELECT version FROM orrery_schema");
        return (int?)await version.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Applies the script. Any number of nodes may do so at once, and beside others that run: it locks, and changes what differs.</summary>
    public static async Task ApplyAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Script);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string ReadScript()
    {
        using var reader = new StreamReader(typeof(DatabaseSchema).Assembly.GetManifestResourceStream("schema.sql")!);
        return reader.ReadToEnd();
    }
}
