using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

public sealed class InitializationTests(SharedPostgres postgres)
{
    [Fact]
    public async Task A_new_cluster_has_version_0_and_no_members()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());

        Assert.Equal(["version 0"], await cluster.ContentAsync());
    }

    [Fact]
    public async Task A_cluster_that_has_members_keeps_them_when_another_node_initializes()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        await cluster.AddAsync(Members.New(1));
        var before = await cluster.ContentAsync();

        var again = await TestCluster.StartAsync(cluster.Database, cluster.Id);

        Assert.Equal(before, await again.ContentAsync());
    }

    [Fact]
    public async Task Twenty_nodes_that_initialize_at_once_make_one_version()
    {
        var database = await postgres.DatabaseAsync();
        var id = $"{Guid.NewGuid():N}";

        var clusters = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TestCluster.StartAsync(database, id)));

        Assert.Equal(["version 0"], await clusters[0].ContentAsync());
        var rows = await database.ReadAsync($"SELECT version FROM orrery_membership_version WHERE cluster_id = '{id}'", TestContext.Current.CancellationToken);
        Assert.Equal(["0"], rows);
    }
}
