using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;
using Orrery.Tests;

namespace Orrery.Database.Tests.State;

/// <summary>The state of the services of one cluster, through the provider that nodes use.</summary>
internal sealed class TestStorage
{
    private static readonly IServiceProvider Services = new ServiceCollection().AddLogging().AddSerializer().BuildServiceProvider();

    private readonly AdoNetGrainStorage _storage;

    private TestStorage(TestDatabase database, bool deletes, bool collides)
    {
        Database = database;
        Id = $"{Guid.NewGuid():N}";
        _storage = ActivatorUtilities.CreateInstance<AdoNetGrainStorage>(
            Services,
            "state",
            Options.Create(new ClusterOptions { ServiceId = Id }),
            Options.Create(new AdoNetGrainStorageOptions
            {
                Invariant = "Npgsql",
                DataSource = database.Source,
                GrainStorageSerializer = new JsonSerializer(),
                DeleteStateOnClear = deletes,
                HashPicker = new StorageHasherPicker([collides ? new OneHash() : new OrleansDefaultHasher()]),
            }));
    }

    public TestDatabase Database { get; }

    public string Id { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="database">Where the state is.</param>
    /// <param name="deletes">Whether clearing removes the row.</param>
    /// <param name="collides">Whether all keys have the same hash.</param>
    public static async Task<TestStorage> StartAsync(TestDatabase database, bool deletes = false, bool collides = false)
    {
        var storage = new TestStorage(database, deletes, collides);
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        storage._storage.Participate(lifecycle);
        await lifecycle.OnStart(Token);
        return storage;
    }

    public async Task<GrainState<Note>> ReadAsync(GrainId id, string type = "notes")
    {
        var state = new GrainState<Note>();
        await _storage.ReadStateAsync(type, id, state, Token);
        return state;
    }

    public async Task<GrainState<Note>> WriteAsync(GrainId id, GrainState<Note> state, string text, string type = "notes")
    {
        state.State = new Note { Text = text };
        await _storage.WriteStateAsync(type, id, state, Token);
        return state;
    }

    public Task ClearAsync(GrainId id, GrainState<Note> state) => _storage.ClearStateAsync("notes", id, state, Token);

    /// <summary>What is kept.</summary>
    public sealed class Note
    {
        public string Text { get; set; } = "";
    }

    private sealed class JsonSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);

        public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
    }

    private sealed class OneHash : IHasher
    {
        public string Description => "Gives every key the same hash.";

        public int Hash(byte[] data) => 1;
    }
}
