using Orrery.Tests;

namespace Orrery.Database.Tests.State;

public sealed class KeyTests(SharedPostgres postgres)
{
    private static readonly Guid Guid = new("00000000-0000-0000-0100-000000000000");

    // Keys of which some parts are equal in the columns: their numbers, or their text.
    private static readonly IdSpan[] Keys =
    [
        IdSpan.Create("x"),
        IdSpan.Create("X"),
        IdSpan.Create("x "),
        IdSpan.Create("a/b'c\"d\\e☂"),
        GrainIdKeyExtensions.CreateIntegerKey(0),
        GrainIdKeyExtensions.CreateIntegerKey(1),
        GrainIdKeyExtensions.CreateIntegerKey(-1),
        GrainIdKeyExtensions.CreateIntegerKey(long.MinValue),
        GrainIdKeyExtensions.CreateIntegerKey(0, "x"),
        GrainIdKeyExtensions.CreateIntegerKey(1, "x"),
        GrainIdKeyExtensions.CreateIntegerKey(1, "y"),
        GrainIdKeyExtensions.CreateGuidKey(Guid),
        GrainIdKeyExtensions.CreateGuidKey(Guid, "x"),
        GrainIdKeyExtensions.CreateGuidKey(Guid, "y"),
        GrainIdKeyExtensions.CreateGuidKey(new Guid("01000000-0000-0000-0000-000000000000")),
    ];

    [Fact]
    public async Task Keys_of_all_kinds_have_state_of_their_own()
    {
        var storage = await TestStorage.StartAsync(await postgres.DatabaseAsync());
        foreach (var key in Keys)
        {
            Assert.Equal("1", (await storage.WriteAsync(GrainId.Create(GrainType.Create("note"), key), new(), $"of {key}")).ETag);
        }

        foreach (var key in Keys)
        {
            Assert.Equal($"of {key}", (await storage.ReadAsync(GrainId.Create(GrainType.Create("note"), key))).State!.Text);
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
}
