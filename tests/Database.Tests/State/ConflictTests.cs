using Orleans.Storage;
using Orrery.Tests;

namespace Orrery.Database.Tests.State;

public sealed class ConflictTests(SharedPostgres postgres)
{
    private const int Writers = 20;

    private static readonly GrainId Id = GrainId.Create("note", "a");

    [Fact]
    public async Task A_second_first_write_is_refused()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        await storage.WriteAsync(Id, new(), "one");

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync(Id, new(), "two"));

        Assert.Equal(("1", "one"), await ContentAsync(storage));
    }

    [Fact]
    public async Task A_stale_write_or_clear_is_refused()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        await storage.WriteAsync(Id, new(), "one");
        var stale = await storage.ReadAsync(Id);
        await storage.WriteAsync(Id, await storage.ReadAsync(Id), "two");

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync(Id, stale, "three"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearAsync(Id, stale));

        Assert.Equal(("2", "two"), await ContentAsync(storage));
    }

    [Fact]
    public async Task A_stale_delete_is_refused()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync(), deletes: true);
        await storage.WriteAsync(Id, new(), "one");
        var stale = await storage.ReadAsync(Id);
        await storage.WriteAsync(Id, await storage.ReadAsync(Id), "two");

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearAsync(Id, stale));

        Assert.Equal(("2", "two"), await ContentAsync(storage));
    }

    [Fact]
    public async Task A_write_from_before_a_clear_is_refused()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        await storage.WriteAsync(Id, new(), "one");
        var stale = await storage.ReadAsync(Id);
        await storage.ClearAsync(Id, await storage.ReadAsync(Id));

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync(Id, stale, "two"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteAsync(Id, new(), "two"));

        Assert.Equal(("2", ""), await ContentAsync(storage));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_twenty_writes_at_once_one_wins(bool first)
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        for (var round = 0; round < 3; round++)
        {
            var id = GrainId.Create("note", $"{round}");
            var etag = first ? null : (await storage.WriteAsync(id, new(), "before")).ETag;

            var texts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => TryAsync(storage, id, etag, $"writer {i}")));

            var winner = Assert.Single(texts, text => text is not null);
            var read = await storage.ReadAsync(id);
            Assert.Equal((first ? "1" : "2", winner), (read.ETag, read.State!.Text));
        }
    }

    private static async Task<string?> TryAsync(TestStorage storage, GrainId id, string? etag, string text)
    {
        try
        {
            await storage.WriteAsync(id, new() { ETag = etag, RecordExists = etag is not null }, text);
            return text;
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }

    private static async Task<(string?, string)> ContentAsync(TestStorage storage)
    {
        var read = await storage.ReadAsync(Id);
        return (read.ETag, read.State!.Text);
    }
}
