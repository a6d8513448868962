using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

/// <summary>Members differ by address, port or generation alone: a node that starts again is another member.</summary>
public sealed class LivesTests(SharedPostgres postgres)
{
    private static readonly MembershipEntry Node = Members.New(1);

    private static readonly MembershipEntry[] Others =
    [
        Members.New(1, address: "127.0.0.2"),
        Node.With(member => member.SiloAddress = SiloAddress.New(Node.SiloAddress.Endpoint.Address, 2, Node.SiloAddress.Generation)),
        Node.With(member => member.SiloAddress = SiloAddress.New(Node.SiloAddress.Endpoint, Node.SiloAddress.Generation + 1)),
    ];

    [Fact]
    public async Task Each_is_read_as_itself()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());

        await cluster.AddAsync([Node, .. Others]);

        Assert.Equal(Members.Text(4, [Node, .. Others]), await cluster.ContentAsync());
        foreach (var member in Others.Append(Node))
        {
            Assert.Equal(Members.Text(4, member), await cluster.ContentAsync(member.SiloAddress));
        }
    }

    [Fact]
    public async Task An_update_and_a_heartbeat_reach_one_of_them()
    {
        var cluster = await TestCluster.StartAsync(await postgres.DatabaseAsync());
        await cluster.AddAsync([Node, .. Others]);
        var changed = Node.With(member => (member.Status, member.IAmAliveTime) = (SiloStatus.Dead, Members.Time.AddDays(1)));

        Assert.True(await cluster.UpdateAsync(changed, await cluster.NextAsync()));
        Assert.Equal(Members.Text(5, [changed, .. Others]), await cluster.ContentAsync());

        changed.IAmAliveTime = Members.Time.AddDays(2);
        await cluster.HeartbeatAsync(changed);
        Assert.Equal(Members.Text(5, [changed, .. Others]), await cluster.ContentAsync());
    }
}
