using k8s.Models;
using Npgsql;
using Orrery.Cluster.Tests.Processes;
using Orrery.Deploy.Tests.Manifests;
using Orrery.Tests;

namespace Orrery.Deploy.Tests.Pods;

/// <summary>The Job that makes the tables, as a process.</summary>
internal static class SchemaJob
{
    /// <summary>Runs it.</summary>
    /// <param name="set">The manifests.</param>
    /// <param name="connection">The database, as its owner.</param>
    public static async Task RunAsync(ManifestSet set, NpgsqlConnectionStringBuilder connection)
    {
        var job = set.Pods.Single(pod => pod.Workload is "Job");
        var folder = Directory.CreateTempSubdirectory("orrery-schema-").FullName;
        foreach (var source in job.Spec.Volumes.Single().Projected.Sources)
        {
            var map = set.All<V1ConfigMap>().Single(map => map.Metadata.Name == source.ConfigMap.Name);
            foreach (var item in source.ConfigMap.Items)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, item.Path), map.Data[item.Key], TestContext.Current.CancellationToken);
            }
        }

        var mount = job.Spec.Containers.Single().VolumeMounts.Single().MountPath;
        // The names of the variables are those in the Secret of the owner; what is in them is the test's.
        var environment = new Dictionary<string, string> { ["PGHOST"] = connection.Host!, ["PGPORT"] = $"{connection.Port}", ["PGDATABASE"] = connection.Database!, ["PGUSER"] = connection.Username!, ["PGPASSWORD"] = connection.Password! };
        await using var psql = NodeProcess.Start(PostgresServer.Psql!, PodEnvironment.Arguments(set, job).Select(argument => argument.Replace($"={mount}/", $"={folder}/", StringComparison.Ordinal)), environment);
        Assert.True(await psql.ExitsAsync() == 0, psql.Output);
        Directory.Delete(folder, recursive: true);
    }
}
