namespace Orrery.Rpc.Invocation.Batches;

/// <summary>What the calls of one message came to, in their order.</summary>
/// <param name="results">The results; an empty one where there is an error.</param>
/// <param name="errors">The errors; null when there are none.</param>
/// <param name="rest">What to ask for the outcomes of those by that have none yet; 0 when all have one.</param>
[GenerateSerializer, Immutable, Alias("orrery.parcel_outcome")]
internal sealed class ParcelOutcome(RawJsonList results, RpcError?[]? errors, long rest)
{
    // A message has room for 100 MiB by Orleans' defaults.
    private const int MostBytes = 64 * 1024 * 1024;

    private static readonly RpcError TooLarge = new(
        (int)RpcErrorCode.InternalError,
        "The results of the calls that came in one batch have more bytes than a message between nodes. Make fewer of them at once.",
        RpcErrorReason.ResponseTooLarge,
        Executed.Yes);

    [Id(0)]
    public RawJsonList Results { get; } = results;

    [Id(1)]
    public RpcError?[]? Errors { get; } = errors;

    [Id(2)]
    public long Rest { get; } = rest;

    public CallOutcome this[int index] => Errors?[index] is { } error ? error : Results.Values[index];

    /// <summary>Whether there is an outcome: even <c>null</c> is a result.</summary>
    public bool Has(int index) => Errors?[index] is not null || !Results.Values[index].IsEmpty;

    /// <summary>Puts outcomes into one. Results that have no room are errors, and where there is neither, the call still runs.</summary>
    public static ParcelOutcome Of(ReadOnlySpan<CallOutcome> outcomes, long rest = 0)
    {
        var results = new RawJson[outcomes.Length];
        RpcError?[]? errors = null;
        var left = MostBytes;
        for (var i = 0; i < results.Length; i++)
        {
            var length = outcomes[i].Result.Utf8.Length;
            if ((outcomes[i].Error ?? (length > left ? TooLarge : null)) is { } error)
            {
                (errors ??= new RpcError?[results.Length])[i] = error;
                continue;
            }

            left -= length;
            results[i] = outcomes[i].Result;
        }

        return new ParcelOutcome(new RawJsonList(results), errors, rest);
    }
}
