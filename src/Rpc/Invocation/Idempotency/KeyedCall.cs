using System.Security.Cryptography;
using System.Text;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orrery.Rpc.Invocation.Requests;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation.Idempotency;

/// <summary>A call to which its caller gave an idempotency key.</summary>
/// <param name="Address">The address as the caller wrote it.</param>
/// <param name="Parameters">The parameters as the caller wrote them.</param>
/// <param name="IsIdempotent">Whether the method is declared to be the same run twice as run once.</param>
/// <param name="Timeout">How long it may take, however long its caller waits.</param>
/// <param name="Caller">The caller outside the cluster, whose key it is; null for a service.</param>
[GenerateSerializer, Immutable, Alias("orrery.keyed_call")]
internal sealed record KeyedCall([property: Id(0)] string Address, [property: Id(1)] RawJson Parameters, [property: Id(2)] bool IsIdempotent, [property: Id(3)] TimeSpan Timeout, [property: Id(4)] Caller? Caller)
{
    /// <summary>Gives what tells this call from another one under the same key.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Address));
        hash.AppendData([0]);
        hash.AppendData(Parameters.Utf8.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What a call with a key came to.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Attempts">How it came about.</param>
/// <param name="IsRepeated">Whether it is the outcome of an earlier call with the key.</param>
[GenerateSerializer, Immutable, Alias("orrery.keyed_outcome")]
internal sealed record KeyedOutcome([property: Id(0)] CallOutcome Outcome, [property: Id(1)] CallAttempt[] Attempts, [property: Id(2)] bool IsRepeated)
{
    public static implicit operator KeyedOutcome(RpcError error) => new(error, [], IsRepeated: false);
}

/// <summary>Where all calls with one key meet, whichever gateway they came through.</summary>
[Alias("orrery.keyed_calls"), GenerateMethodSerializers(typeof(ServiceReference))]
internal interface IKeyedCalls : IGrainWithStringKey
{
    /// <summary>Makes the call, or gives what the first one with the key came to, or waits for that.</summary>
    /// <param name="call">The call.</param>
    [Alias("invoke")]
    Task<KeyedOutcome> Invoke(KeyedCall call);
}
