using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

public sealed class GatewayTests(SharedPostgres postgres)
{
    [Fact]
    public async Task The_gateways_are_the_active_members_with_a_client_port()
    {
        var database = await postgres.DatabaseAsync();
        var (cluster, other) = (await TestCluster.StartAsync(database), await TestCluster.StartAsync(database));
        await cluster.AddAsync(
            Members.New(1, clientPort: 30001),
            Members.New(2, address: "2001:db8::2", clientPort: 30002),
            Members.New(3, clientPort: 0),
            Members.New(4, SiloStatus.Joining),
            Members.New(5, SiloStatus.ShuttingDown),
            Members.New(6, SiloStatus.Dead));
        await other.AddAsync(Members.New(7));

        var gateways = await cluster.GatewaysAsync();

        // The last part is the generation, which is what tells two lives of a node apart.
        Assert.Equal(["gwy.tcp://127.0.0.1:30001/2", "gwy.tcp://[2001:db8::2]:30002/3"], gateways.Select(gateway => $"{gateway}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_nobody_started_has_no_gateways()
    {
        Assert.Empty(await new TestCluster(await postgres.DatabaseAsync()).GatewaysAsync());
    }
}
