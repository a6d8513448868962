using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Database;

/// <summary>Where the database is, if there is one, and whether nodes may change it.</summary>
/// <param name="Connection">The operator's connection string, completed with what this platform wants where it says nothing.</param>
/// <param name="Migrate">Whether a node applies the schema at its start.</param>
internal sealed record DatabaseSettings(NpgsqlConnectionStringBuilder Connection, bool Migrate)
{
    public const string ConnectionKey = "ConnectionStrings:Orrery";

    private const string MigrateKey = "Database:Migrate";

    /// <summary>The database and the host, for messages.</summary>
    public string Name => $"{Connection.Database ?? Connection.Username} at {Connection.Host}{(Connection.Host!.Contains(',', StringComparison.Ordinal) ? "" : $":{Connection.Port}")}";

    /// <summary>Reads the settings; null when no connection string is set.</summary>
    /// <exception cref="OptionsValidationException">They can't be read. The message has nothing of the connection string.</exception>
    public static DatabaseSettings? Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        var migrate = settings.Flag(MigrateKey);
        var connection = Secret.Read(configuration, ConnectionKey) is { } text ? Parse(text, settings) : null;
        if (connection is null && migrate)
        {
            settings.Fail(MigrateKey, $"there is no database to migrate. Name one with {ConnectionKey}, or leave this out");
        }

        settings.ThrowIfFailed();
        return connection is null ? null : new DatabaseSettings(Complete(connection), migrate);
    }

    private static NpgsqlConnectionStringBuilder? Parse(string text, Settings settings)
    {
        try
        {
            var builder = PostgresUrl.IsUrl(text) ? PostgresUrl.Parse(text) : new NpgsqlConnectionStringBuilder(text);
            if (!string.IsNullOrWhiteSpace(builder.Host))
            {
                return builder;
            }

            settings.Failures.Add($"{ConnectionKey}: it names no host.");
        }
        catch (FormatException exception) when (PostgresUrl.IsUrl(text))
        {
            settings.Failures.Add($"{ConnectionKey}: {exception.Message}.");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            // Npgsql's message may hold a piece of the password: one with a ';' that is not in quotes ends up as a keyword.
            settings.Failures.Add($"{ConnectionKey}: it is no connection string of Npgsql's and no postgres:// URL. Write it like 'Host=db;Database=orrery;Username=orrery;Password=\"…\"', with quotes around a value that has a ';', or like postgres://orrery:…@db/orrery.");
        }

        return null;
    }

    // A database that doesn't answer must not hold anything up for long, and a hundred nodes must not take a hundred
    // connections each.
    private static NpgsqlConnectionStringBuilder Complete(NpgsqlConnectionStringBuilder connection)
    {
        Default("Timeout", 5);
        Default("Command Timeout", 10);
        Default("Maximum Pool Size", 20);
        Default("Application Name", "Orrery");
        return connection;

        void Default(string keyword, object value)
        {
            if (!connection.ShouldSerialize(keyword))
            {
                connection[keyword] = value;
            }
        }
    }
}
