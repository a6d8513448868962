using Orrery.Tests;

namespace Orrery.Database.Tests.State;

public sealed class KeyTests(SharedPostgres postgres)
{
    private static readonly Guid Guid = new("00000000-0000-0000-0100-000000000000");

    private static readonly IdSpan[] Texts = [IdSpan.Create("x"), IdSpan.Create("X"), IdSpan.Create("x "), IdSpan.Create("a/b'c\"d\\e☂")];

    private static readonly IdSpan[] Numbers =
    [
        GrainIdKeyExtensions.CreateIntegerKey(0),
        GrainIdKeyExtensions.CreateIntegerKey(1),
        GrainIdKeyExtensions.CreateIntegerKey(-1),
        GrainIdKeyExtensions.CreateIntegerKey(long.MinValue),
        GrainIdKeyExtensions.CreateIntegerKey(0, "x"),
        GrainIdKeyExtensions.CreateIntegerKey(1, "x"),
        GrainIdKeyExtensions.CreateIntegerKey(1, "y"),
    ];

    private static readonly IdSpan[] Guids =
    [
        GrainIdKeyExtensions.CreateGuidKey(Guid),
        GrainIdKeyExtensions.CreateGuidKey(Guid, "x"),
        GrainIdKeyExtensions.CreateGuidKey(Guid, "y"),
        GrainIdKeyExtensions.CreateGuidKey(new Guid("01000000-0000-0000-0000-000000000000")),
    ];

    // Some of one kind are in the columns what some of another kind are, but for their hashes.
    [Fact]
    public async Task Keys_of_all_kinds_have_state_of_their_own() =>
        await AssertApartAsync(await TestStorage.StartAsync(await postgres.DatabaseAsync()), [.. Texts, .. Numbers, .. Guids]);

    // A service has keys of one kind, so hashes that collide are of one kind, too.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_whose_hashes_collide_have_state_of_their_own(bool deletes)
    {
        foreach (var keys in new[] { Texts, Numbers, Guids })
        {
            await AssertApartAsync(await TestStorage.StartAsync(await postgres.DatabaseAsync(), deletes, collides: true), keys);
        }
    }

    [Fact]
    public async Task Two_names_of_state_with_one_key_are_apart()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        var id = GrainId.Create("note", "a");

        await storage.WriteAsync(id, new(), "one", "first");
        await storage.WriteAsync(id, new(), "two", "second");

        Assert.Equal("one", (await storage.ReadAsync(id, "first")).State!.Text);
        Assert.Equal("two", (await storage.ReadAsync(id, "second")).State!.Text);
    }

    [Fact]
    public async Task Two_clusters_are_apart()
    {
        var database = await postgres.DatabaseAsync();
        var (one, two) = (await TestStorage.StartAsync(database), await TestStorage.StartAsync(database));
        var id = GrainId.Create("note", "a");

        var state = await one.WriteAsync(id, new(), "one");
        await two.WriteAsync(id, new(), "two");
        await one.ClearAsync(id, state);

        Assert.Equal("two", (await two.ReadAsync(id)).State!.Text);
    }

    private static async Task AssertApartAsync(TestStorage storage, IEnumerable<IdSpan> keys)
    {
        var ids = keys.Select(key => GrainId.Create(GrainType.Create("note"), key)).ToArray();
        foreach (var id in ids)
        {
            Assert.Equal("1", (await storage.WriteAsync(id, new(), $"of {id}")).ETag);
        }

        foreach (var id in ids)
        {
            var written = await storage.ReadAsync(id);
            Assert.Equal($"of {id}", written.State!.Text);
            Assert.Equal("2", (await storage.WriteAsync(id, written, "again")).ETag);
        }

        foreach (var id in ids)
        {
            var written = await storage.ReadAsync(id);
            Assert.Equal("2", written.ETag);
            await storage.ClearAsync(id, written);
        }
    }
}
