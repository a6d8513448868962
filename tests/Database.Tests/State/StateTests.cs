using Orrery.Tests;

namespace Orrery.Database.Tests.State;

public sealed class StateTests(SharedPostgres postgres)
{
    private static readonly GrainId Id = GrainId.Create("note", "a");

    [Fact]
    public async Task State_that_nobody_wrote_is_not_there()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());

        var read = await storage.ReadAsync(Id);

        Assert.Equal((false, null, ""), (read.RecordExists, read.ETag, read.State!.Text));
    }

    [Fact]
    public async Task State_is_read_as_it_was_written_last()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());

        var written = await storage.WriteAsync(Id, await storage.ReadAsync(Id), "one");
        Assert.Equal("1", written.ETag);
        await storage.WriteAsync(Id, written, "two ☂");
        await storage.WriteAsync(Id, await storage.ReadAsync(Id), "three ☂");

        var read = await storage.ReadAsync(Id);
        Assert.Equal((true, "3", "three ☂"), (read.RecordExists, read.ETag, read.State!.Text));
    }

    [Fact]
    public async Task State_that_was_cleared_is_gone_and_can_be_written_again()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        var state = await storage.WriteAsync(Id, new(), "one");

        await storage.ClearAsync(Id, state);
        var cleared = await storage.ReadAsync(Id);
        await storage.WriteAsync(Id, cleared, "two");

        Assert.Equal((false, "2"), (state.RecordExists, state.ETag));
        var read = await storage.ReadAsync(Id);
        Assert.Equal((true, "3", "two"), (read.RecordExists, read.ETag, read.State!.Text));
    }

    [Fact]
    public async Task State_that_was_deleted_starts_again()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync(), deletes: true);
        var state = await storage.WriteAsync(Id, new(), "one");

        await storage.ClearAsync(Id, state);

        Assert.Equal((false, null), (state.RecordExists, state.ETag));
        Assert.Empty(await storage.Database.ReadAsync($"SELECT 1 FROM orrery_state WHERE cluster_id = '{storage.Id}'", TestContext.Current.CancellationToken));
        Assert.Equal("1", (await storage.WriteAsync(Id, state, "two")).ETag);
    }

    [Fact]
    public async Task A_few_megabytes_come_back_whole()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        var text = string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i} ü "));

        await storage.WriteAsync(Id, new(), text);

        Assert.Equal(text, (await storage.ReadAsync(Id)).State!.Text);
    }

    [Fact]
    public async Task The_payload_can_be_read_with_sql()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        await storage.WriteAsync(Id, new(), "seen");

        var payloads = await storage.Database.ReadAsync($"SELECT convert_from(payload, 'UTF8') FROM orrery_state WHERE cluster_id = '{storage.Id}'", TestContext.Current.CancellationToken);

        Assert.Equal(["""{"Text":"seen"}"""], payloads);
    }
}
