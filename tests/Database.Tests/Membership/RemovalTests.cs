using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

public sealed class RemovalTests(SharedPostgres postgres)
{
    private static readonly DateTime Limit = Members.Time.AddDays(1);

    [Theory]
    [InlineData(SiloStatus.Created)]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Stopping)]
    [InlineData(SiloStatus.Dead)]
    public async Task A_clean_up_removes_old_members_that_are_not_active_and_leaves_the_version(SiloStatus status)
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var old = Members.New(1, status).With(member => member.IAmAliveTime = Limit.AddMicroseconds(-1));
        var young = Members.New(2, status).With(member => member.IAmAliveTime = Limit);
        var active = Members.New(3).With(member => member.IAmAliveTime = Limit.AddDays(-9));
        await cluster.AddAsync(old, young, active);

        await cluster.CleanUpAsync(Limit);

        Assert.Equal(Members.Text(3, young, active), await cluster.ContentAsync());
    }

    [Fact]
    public async Task A_clean_up_takes_its_limit_in_any_offset()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var old = Members.New(1, SiloStatus.Dead).With(member => member.IAmAliveTime = Limit.AddMicroseconds(-1));
        var young = Members.New(2, SiloStatus.Dead).With(member => member.IAmAliveTime = Limit);
        await cluster.AddAsync(old, young);

        await cluster.CleanUpAsync(new DateTimeOffset(Limit).ToOffset(TimeSpan.FromHours(11)));

        Assert.Equal(Members.Text(2, young), await cluster.ContentAsync());
    }

    [Fact]
    public async Task A_clean_up_leaves_other_clusters_alone()
    {
        var database = await postgres.DatabaseAsync();
        var (one, two) = (await TestCluster.StartAsync(database), await TestCluster.StartAsync(database));
        await two.AddAsync(Members.New(1, SiloStatus.Dead));

        await one.CleanUpAsync(Limit);

        Assert.Equal(Members.Text(1, Members.New(1, SiloStatus.Dead)), await two.ContentAsync());
    }

    [Fact]
    public async Task Deleting_a_cluster_removes_its_members_and_its_version_and_no_other_clusters()
    {
        var database = await postgres.DatabaseAsync();
        var (one, two) = (await TestCluster.StartAsync(database), await TestCluster.StartAsync(database));
        await one.AddAsync(Members.New(1), Members.New(2));
        await two.AddAsync(Members.New(1));

        await one.DeleteAsync();

        Assert.Equal(Members.Text(1, Members.New(1)), await two.ContentAsync());
        var again = await TestCluster.StartAsync(database, one.Id);
        Assert.Equal(["version 0"], await again.ContentAsync());
    }
}
