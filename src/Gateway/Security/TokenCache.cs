using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>
/// Remembers for a minute whom a token stands for: its signature costs more to check than the call that it comes with. Keeps
/// hashes of tokens and not the tokens.
/// </summary>
internal sealed class TokenCache(TimeProvider time)
{
    private const int Most = 10_000;
    private const int LongestOnStack = 4096;

    // After so long, a key that was withdrawn counts no more.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Hash, Entry> _entries = [];

    /// <summary>Gives the caller of a token that was found good a moment ago.</summary>
    /// <param name="header">The header with the token.</param>
    /// <param name="hash">What to keep it under.</param>
    public Caller? Find(string header, out Hash hash)
    {
        hash = Hash.Of(header);
        return _entries.TryGetValue(hash, out var entry) && entry.Until > time.GetTimestamp() ? entry.Caller : null;
    }

    /// <summary>Keeps the caller of a token that was found good.</summary>
    /// <param name="hash">What <see cref="Find"/> gave.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="expiresIn">For how long the token is good.</param>
    public void Keep(Hash hash, Caller caller, TimeSpan expiresIn)
    {
        if (_entries.Count >= Most)
        {
            _entries.Clear();
        }

        var kept = expiresIn < Longest ? expiresIn : Longest;
        _entries[hash] = new Entry(caller, time.GetTimestamp() + (long)(kept.TotalSeconds * time.TimestampFrequency));
    }

    private sealed record Entry(Caller Caller, long Until);

    /// <summary>The SHA-256 of a header.</summary>
    internal readonly record struct Hash(UInt128 High, UInt128 Low)
    {
        public static Hash Of(string text)
        {
            var length = Encoding.UTF8.GetMaxByteCount(text.Length);
            var bytes = length <= LongestOnStack ? stackalloc byte[length] : new byte[length];
            Span<UInt128> hash = stackalloc UInt128[2];
            SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], MemoryMarshal.AsBytes(hash));
            return new Hash(hash[0], hash[1]);
        }
    }
}
