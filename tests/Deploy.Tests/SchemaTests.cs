using System.Text.RegularExpressions;
using k8s.Models;
using Npgsql;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Deploy.Tests.Pods;
using Orrery.Tests;

namespace Orrery.Deploy.Tests;

public sealed partial class SchemaTests(SharedPostgres postgres)
{
    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public void The_job_applies_the_schema_of_this_release_and_has_its_version_in_its_name(string variant)
    {
        var set = ManifestSet.Of(variant);

        Assert.Equal(TestDatabase.Schema, set.All<V1ConfigMap>().Single(map => map.Metadata.Name == "schema").Data["schema.sql"]);
        Assert.Equal($"schema-{Version().Match(TestDatabase.Schema).Groups[1].Value}", set.All<V1Job>().Single().Metadata.Name);
    }

    [Fact]
    public async Task What_the_job_runs_makes_the_tables_and_gives_nodes_the_right_to_their_rows_and_no_more()
    {
        Assert.SkipWhen(PostgresServer.Psql is null, "psql is not installed (Debian: postgresql-client).");
        var set = ManifestSet.Of("dev");
        var connection = new NpgsqlConnectionStringBuilder(await postgres.Server.CreateDatabaseAsync());
        await using var owner = TestDatabase.Open(connection.ConnectionString);
        // Each has an owner of its own, and the other one's is nobody here.
        var other = new NpgsqlConnectionStringBuilder(await postgres.Server.CreateDatabaseAsync());
        set.All<V1ConfigMap>().Single(map => map.Metadata.Name == "schema-grants").Data["role"] = other.Username!;

        // Twice, as a cluster that is applied again does.
        await SchemaJob.RunAsync(set, connection);
        await SchemaJob.RunAsync(set, connection);

        await using var node = owner.With(builder => (builder.Username, builder.Password) = (other.Username, other.Password));
        await node.ExecuteAsync("INSERT INTO orrery_membership_version (cluster_id, version) VALUES ('a', 1); UPDATE orrery_membership_version SET version = 2; DELETE FROM orrery_membership_version", TestContext.Current.CancellationToken);
        Assert.NotEmpty(await node.ReadAsync("SELECT querykey FROM OrleansQuery", TestContext.Current.CancellationToken));
        foreach (var forbidden in new[] { "CREATE TABLE public.mine ()", "DROP TABLE orrery_member", "TRUNCATE orrery_member", "ALTER TABLE orrery_member ADD mine text" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => node.ExecuteAsync(forbidden, TestContext.Current.CancellationToken));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [GeneratedRegex(@"INSERT INTO orrery_schema \(version\) VALUES \((\d+)\)")]
    private static partial Regex Version();
}
