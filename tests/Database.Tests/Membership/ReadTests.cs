using System.Net;
using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

public sealed class ReadTests(SharedPostgres postgres)
{
    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("::1")]
    [InlineData("2001:db8::8:800:200c:417a")]
    [InlineData("fe80::1%7")]
    public async Task A_member_that_was_inserted_is_read_with_every_field(string address)
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var member = Members.New(65535, SiloStatus.Joining, address).With(member => (member.SiloName, member.HostName) = ("worker-1", "höst 'a' \\ \"b\""));

        Assert.True(await cluster.InsertAsync(member, await cluster.NextAsync()));

        var expected = Members.Text(1, member);
        Assert.Equal(expected, await cluster.ContentAsync());
        Assert.Equal(expected, await cluster.ContentAsync(member.SiloAddress));
    }

    [Fact]
    public async Task A_member_that_was_updated_is_read_with_its_new_status_suspicions_and_time()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var (member, other) = (Members.New(1, SiloStatus.Joining), Members.New(2));
        await cluster.AddAsync(member, other);
        var updated = member.With(member =>
        {
            member.Status = SiloStatus.ShuttingDown;
            member.IAmAliveTime = Members.Time.AddHours(1).AddMicroseconds(1);
            member.SuspectTimes =
            [
                Tuple.Create(other.SiloAddress, new DateTime(2026, 3, 29, 2, 0, 0, 7, DateTimeKind.Utc)),
                Tuple.Create(SiloAddress.New(IPAddress.IPv6Loopback, 3, 4), new DateTime(2026, 3, 29, 2, 0, 1, 999, DateTimeKind.Utc)),
            ];
        });

        Assert.True(await cluster.UpdateAsync(updated, await cluster.NextAsync()));

        Assert.Equal(Members.Text(3, updated, other), await cluster.ContentAsync());
        Assert.Equal(Members.Text(3, updated), await cluster.ContentAsync(member.SiloAddress));
    }

    [Fact]
    public async Task A_suspicion_that_is_taken_back_is_gone()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        var member = Members.New(1);
        await cluster.AddAsync(member);
        Assert.True(await cluster.UpdateAsync(member.With(member => member.SuspectTimes = [Tuple.Create(member.SiloAddress, Members.Time)]), await cluster.NextAsync()));

        Assert.True(await cluster.UpdateAsync(member, await cluster.NextAsync()));

        Assert.Equal(Members.Text(3, member), await cluster.ContentAsync());
    }

    [Fact]
    public async Task An_unknown_member_is_no_member_and_the_version()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        await cluster.AddAsync(Members.New(1));

        Assert.Equal(["version 1"], await cluster.ContentAsync(Members.New(2).SiloAddress));
    }

    [Fact]
    public async Task Two_clusters_do_not_see_each_other()
    {
        var database = await postgres.DatabaseAsync();
        var (one, two) = (await TestCluster.StartAsync(database), await TestCluster.StartAsync(database));

        await one.AddAsync(Members.New(1), Members.New(2));
        await two.AddAsync(Members.New(1, SiloStatus.Dead));

        Assert.Equal(Members.Text(2, Members.New(1), Members.New(2)), await one.ContentAsync());
        Assert.Equal(Members.Text(1, Members.New(1, SiloStatus.Dead)), await two.ContentAsync());
        Assert.Equal(["version 1"], await two.ContentAsync(Members.New(2).SiloAddress));
    }
}
