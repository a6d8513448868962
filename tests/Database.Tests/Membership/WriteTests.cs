using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

public sealed class WriteTests(SharedPostgres postgres)
{
    [Fact]
    public async Task An_insert_with_a_stale_version_changes_nothing()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var stale = await cluster.NextAsync();
        await cluster.AddAsync(Members.New(1));
        var before = await cluster.ContentAsync();

        Assert.False(await cluster.InsertAsync(Members.New(2), stale));

        Assert.Equal(before, await cluster.ContentAsync());
    }

    [Fact]
    public async Task An_insert_with_a_version_that_was_never_there_changes_nothing()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());

        Assert.False(await cluster.InsertAsync(Members.New(1), new TableVersion(8, "7")));

        Assert.Equal(["version 0"], await cluster.ContentAsync());
    }

    [Fact]
    public async Task An_insert_of_a_member_that_is_there_changes_nothing()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        await cluster.AddAsync(Members.New(1));
        var before = await cluster.ContentAsync();

        Assert.False(await cluster.InsertAsync(Members.New(1, SiloStatus.Dead), await cluster.NextAsync()));

        Assert.Equal(before, await cluster.ContentAsync());
    }

    [Fact]
    public async Task An_update_with_a_stale_version_changes_nothing()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        await cluster.AddAsync(Members.New(1));
        var stale = await cluster.NextAsync();
        await cluster.AddAsync(Members.New(2));
        var before = await cluster.ContentAsync();

        Assert.False(await cluster.UpdateAsync(Members.New(1, SiloStatus.Dead), stale));

        Assert.Equal(before, await cluster.ContentAsync());
    }

    [Fact]
    public async Task An_update_of_a_member_that_is_not_there_changes_nothing()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        await cluster.AddAsync(Members.New(1));
        var before = await cluster.ContentAsync();

        Assert.False(await cluster.UpdateAsync(Members.New(2), await cluster.NextAsync()));

        Assert.Equal(before, await cluster.ContentAsync());
    }

    [Fact]
    public async Task A_write_in_one_cluster_leaves_the_same_member_of_another_one_alone()
    {
        var database = await postgres.DatabaseAsync();
        var (one, two) = (await TestCluster.StartAsync(database), await TestCluster.StartAsync(database));
        await one.AddAsync(Members.New(1));
        await two.AddAsync(Members.New(1));
        var before = await two.ContentAsync();

        Assert.True(await one.UpdateAsync(Members.New(1, SiloStatus.Dead), await one.NextAsync()));
        await one.HeartbeatAsync(Members.New(1).With(member => member.IAmAliveTime = Members.Time.AddDays(1)));

        Assert.Equal(before, await two.ContentAsync());
    }

    [Fact]
    public async Task A_heartbeat_changes_the_time_of_its_member_and_nothing_else()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var (member, other) = (Members.New(1), Members.New(2));
        await cluster.AddAsync(member, other);
        var later = Members.Time.AddMinutes(2).AddMicroseconds(3);

        await cluster.HeartbeatAsync(Members.New(1, SiloStatus.Dead).With(member => member.IAmAliveTime = later));

        Assert.Equal(Members.Text(2, member.With(member => member.IAmAliveTime = later), other), await cluster.ContentAsync());
    }

    [Fact]
    public async Task A_heartbeat_of_a_member_that_is_not_there_makes_none()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());

        await cluster.HeartbeatAsync(Members.New(1));

        Assert.Equal(["version 0"], await cluster.ContentAsync());
    }
}
