using System.Buffers.Binary;
using System.Security.Cryptography;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orrery.Rpc.Database;

/// <summary>
/// Hashes a key as it is written. The provider stores a text key that looks like a number as that number, so the node
/// ids <c>1</c> and <c>01</c>, or <c>a1</c> and <c>A1</c>, would share their state; the hash, which is part of the
/// primary key, keeps them apart.
/// </summary>
internal sealed class StateKeyHasher : IStorageHasherPicker
{
    public ICollection<IHasher> HashProviders => [];

    public IHasher PickHasher<T>(string serviceId, string storageProviderInstanceName, string grainType, GrainId grainId, IGrainState<T> grainState, string? tag = null) =>
        new KeyHasher(grainId.Key);

    private sealed class KeyHasher(IdSpan key) : IHasher
    {
        public string Description => "The first four bytes of the key's SHA-256.";

        public int Hash(byte[] data) => BinaryPrimitives.ReadInt32BigEndian(SHA256.HashData(key.AsSpan()));
    }
}
