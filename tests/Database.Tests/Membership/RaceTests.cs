using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

/// <summary>Several write at once, each having read the same version.</summary>
public sealed class RaceTests(SharedPostgres postgres)
{
    private const int Writers = 20;
    private const int Rounds = 5;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_twenty_inserts_with_one_version_one_wins(bool sameMember)
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var cluster = await TestCluster.StartAsync(database);
        for (var round = 1; round <= Rounds; round++)
        {
            var members = Enumerable.Range(0, Writers).Select(i => Members.New((round * 100) + (sameMember ? 0 : i)).With(member => member.SiloName = $"writer-{i}")).ToArray();

            await AssertOneWinsAsync(cluster, members, cluster.InsertAsync);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_twenty_updates_with_one_version_one_wins(bool sameMember)
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var cluster = await TestCluster.StartAsync(database);
        await cluster.AddAsync([.. Enumerable.Range(0, sameMember ? 1 : Writers).Select(i => Members.New(i))]);
        for (var round = 1; round <= Rounds; round++)
        {
            var members = Enumerable.Range(0, Writers)
                .Select(i => Members.New(sameMember ? 0 : i).With(member => member.IAmAliveTime = Members.Time.AddDays(round).AddHours(i)))
                .ToArray();

            await AssertOneWinsAsync(cluster, members, cluster.UpdateAsync);
        }
    }

    // All have seen the version that they expect before the first of them may raise it.
    private static async Task AssertOneWinsAsync(TestCluster cluster, MembershipEntry[] members, Func<MembershipEntry, TableVersion, Task<bool>> write)
    {
        var before = await cluster.ReadAllAsync();
        await using var held = await HeldLock.TakeAsync(cluster.Database, "UPDATE orrery_membership_version SET version = version");
        var writes = members.Select(member => write(member, before.Version.Next())).ToArray();
        await held.WaitForAsync(writes);
        await held.ReleaseAsync();
        var results = await Task.WhenAll(writes);

        var winner = members[Assert.Single(Enumerable.Range(0, Writers), i => results[i])];
        var others = before.Members.Select(member => member.Item1).Where(member => !member.SiloAddress.Equals(winner.SiloAddress));
        Assert.Equal(Members.Text(before.Version.Version + 1, others.Append(winner)), await cluster.ContentAsync());
    }
}
