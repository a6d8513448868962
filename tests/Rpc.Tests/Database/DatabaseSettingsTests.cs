using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using Orrery.Rpc.Database;

namespace Orrery.Rpc.Tests.Database;

public sealed class DatabaseSettingsTests
{
    [Theory]
    [InlineData("postgres://orrery:secret@db/orrery", "Host=db;Database=orrery;Username=orrery;Password=secret")]
    [InlineData("postgresql://orrery:secret@db:6432/orrery", "Host=db;Port=6432;Database=orrery;Username=orrery;Password=secret")]
    [InlineData("POSTGRES://orrery@db", "Host=db;Username=orrery")]
    [InlineData("postgres://db", "Host=db")]
    [InlineData("postgres://o%40r:p%3A%2F%3F%23%20@db/a%2Fb", "Host=db;Database=a/b;Username=o@r;Password=\"p:/?# \"")]
    [InlineData("postgres://o:p@ss@db/x", "Host=db;Database=x;Username=o;Password=p@ss")]
    [InlineData("postgres://[::1]:6432/x", "Host=::1;Port=6432;Database=x")]
    [InlineData("postgres://[::1]/x", "Host=::1;Database=x")]
    [InlineData("postgres://one:5433,two:5434/x?target_session_attrs=read-write", "Host=\"one:5433,two:5434\";Database=x;Target Session Attributes=read-write")]
    [InlineData("postgres:///x?host=/run/postgresql&user=o&password=p", "Host=/run/postgresql;Database=x;Username=o;Password=p")]
    [InlineData("postgres://db/x?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=3", "Host=db;Database=x;SSL Mode=VerifyFull;Root Certificate=/ca.pem;Timeout=3")]
    [InlineData("postgres://db/x?search_path=platform&application_name=a%26b", "Host=db;Database=x;Search Path=platform;Application Name=a&b")]
    public void A_url_means_what_it_means_to_the_programs_of_postgres(string url, string connectionString)
    {
        var expected = new NpgsqlConnectionStringBuilder(connectionString);

        var parsed = PostgresUrl.Parse(url);

        Assert.True(PostgresUrl.IsUrl(url));
        Assert.Equivalent(
            expected.Keys.Select(key => (key, expected[key]?.ToString())),
            parsed.Keys.Select(key => (key, parsed[key]?.ToString())));
    }

    [Theory]
    [InlineData("postgres://o:geheim@db:nonsense/x")]
    [InlineData("postgres://o:geheim@db/x?sslmode=often")]
    [InlineData("postgres://o:geheim@db/x?geheim=1")]
    [InlineData("postgres://o:geheim@db/x?connect_timeout=-5")]
    public void What_is_wrong_with_a_url_is_said_without_showing_it(string url)
    {
        var refusal = Assert.Throws<FormatException>(() => PostgresUrl.Parse(url));

        Assert.DoesNotContain("geheim", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_connection_string_there_is_no_database() => Assert.Null(Read([]));

    [Fact]
    public void What_the_operator_sets_is_kept_and_the_rest_is_completed()
    {
        var settings = Read(new() { ["ConnectionStrings:Orrery"] = "Host=db;Database=x;Timeout=7", ["Orrery:Database:Migrate"] = "true" })!;

        Assert.True(settings.Migrate);
        Assert.Equal("x at db:5432", settings.Name);
        Assert.Equal((7, 10, 20, "Orrery"), (settings.Connection.Timeout, settings.Connection.CommandTimeout, settings.Connection.MaxPoolSize, settings.Connection.ApplicationName));
    }

    [Fact]
    public void A_secret_in_a_file_is_read_without_the_line_end()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "Host=db;Password=secret\r\n");

        Assert.Equal("secret", Read(new() { ["ConnectionStrings:Orrery_FILE"] = file })!.Connection.Password);

        File.WriteAllText(file, "\n");
        Assert.Contains("is empty", Assert.Throws<OptionsValidationException>(() => Read(new() { ["ConnectionStrings:Orrery_FILE"] = file })).Message, StringComparison.Ordinal);
        File.Delete(file);
        Assert.Contains("can't be read", Assert.Throws<OptionsValidationException>(() => Read(new() { ["ConnectionStrings:Orrery_FILE"] = file })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migrating_without_a_database_is_refused() =>
        Assert.Contains("no database to migrate", Assert.Throws<OptionsValidationException>(() => Read(new() { ["Orrery:Database:Migrate"] = "true" })).Message, StringComparison.Ordinal);

    private static DatabaseSettings? Read(Dictionary<string, string?> settings) =>
        DatabaseSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
