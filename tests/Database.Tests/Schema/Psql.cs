using System.Diagnostics;
using Npgsql;
using Orrery.Tests;

namespace Orrery.Database.Tests.Schema;

/// <summary>Applies <c>db/schema.sql</c> as the operator does.</summary>
internal static class Psql
{
    private static string SchemaFile => Path.Combine(AppContext.BaseDirectory, "schema.sql");

    public static async Task<(int ExitCode, string Errors)> ApplyAsync(TestDatabase database, string options = "")
    {
        SharedPostgres.Require(PostgresServer.Psql is null ? "psql is not installed (Debian: postgresql-client)." : null);
        var target = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var start = new ProcessStartInfo(PostgresServer.Psql!, ["--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-f", SchemaFile])
        {
            Environment =
            {
                ["PGHOST"] = target.Host,
                ["PGPORT"] = $"{target.Port}",
                ["PGDATABASE"] = target.Database,
                ["PGUSER"] = target.Username,
                ["PGPASSWORD"] = target.Password,
                ["PGOPTIONS"] = options,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }
}
