using Orrery.Tests;

namespace Orrery.Database.Tests.Membership;

/// <summary>A member is updated while somebody else changes or removes its row.</summary>
public sealed class CleanUpRaceTests(SharedPostgres postgres)
{
    [Fact]
    public async Task An_update_of_a_member_that_is_removed_meanwhile_does_not_raise_the_version()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var cluster = await TestCluster.StartAsync(database);
        await cluster.AddAsync(Members.New(1, SiloStatus.Joining));
        var next = await cluster.NextAsync();

        await using var removal = await HeldLock.TakeAsync(database, "DELETE FROM orrery_member");
        var update = cluster.UpdateAsync(Members.New(1), next);
        await removal.WaitForAsync(update);
        await removal.ReleaseAsync();

        Assert.False(await update);
        Assert.Equal(["version 1"], await cluster.ContentAsync());
    }

    [Fact]
    public async Task A_clean_up_keeps_a_member_that_becomes_active_meanwhile()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var cluster = await TestCluster.StartAsync(database);
        await cluster.AddAsync(Members.New(1, SiloStatus.Joining));
        var next = await cluster.NextAsync();

        await using var held = await HeldLock.TakeAsync(database, "UPDATE orrery_membership_version SET version = version");
        var update = cluster.UpdateAsync(Members.New(1), next);
        await held.WaitForAsync(update);
        var cleanUp = cluster.CleanUpAsync(Members.Time.AddDays(1));
        await held.WaitForAsync(update, cleanUp);
        await held.ReleaseAsync();
        await cleanUp;

        Assert.True(await update);
        Assert.Equal(Members.Text(2, Members.New(1)), await cluster.ContentAsync());
    }

    [Fact]
    public async Task An_update_that_waits_for_a_heartbeat_succeeds()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var cluster = await TestCluster.StartAsync(database);
        await cluster.AddAsync(Members.New(1));
        var next = await cluster.NextAsync();

        await using var heartbeat = await HeldLock.TakeAsync(database, "UPDATE orrery_member SET alive_at = now()");
        var update = cluster.UpdateAsync(Members.New(1, SiloStatus.Dead), next);
        await heartbeat.WaitForAsync(update);
        await heartbeat.ReleaseAsync();

        Assert.True(await update);
        Assert.Equal(Members.Text(2, Members.New(1, SiloStatus.Dead)), await cluster.ContentAsync());
    }

    [Fact]
    public async Task Among_heartbeats_and_clean_ups_each_raised_version_is_one_successful_write()
    {
        const int Attempts = 40;
        await using var database = await TestDatabase.CreateAsync(postgres.Server, TestContext.Current.CancellationToken);
        var cluster = await TestCluster.StartAsync(database);
        var successes = 0;

        await Task.WhenAll(
            RunAsync(4, i => WriteAsync(i, joins: true)),
            RunAsync(4, i => WriteAsync(i, joins: false)),
            RunAsync(2, i => cluster.HeartbeatAsync(Members.New(i % 5, SiloStatus.Dead))),
            RunAsync(2, _ => cluster.CleanUpAsync(Members.Time.AddDays(1))));

        Assert.InRange(successes, 1, int.MaxValue);
        Assert.Equal(successes, (await cluster.ReadAllAsync()).Version.Version);

        // All work on the same five members, which are dead and old and so cleaned up again and again.
        async Task WriteAsync(int i, bool joins)
        {
            var (member, next) = (Members.New(i % 5, SiloStatus.Dead), await cluster.NextAsync());
            if (joins ? await cluster.InsertAsync(member, next) : await cluster.UpdateAsync(member, next))
            {
                Interlocked.Increment(ref successes);
            }
        }

        static Task RunAsync(int callers, Func<int, Task> action) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < Attempts; i++)
            {
                await action(caller + i);
            }
        })));
    }
}
