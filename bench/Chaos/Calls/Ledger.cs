namespace Orrery.Chaos.Calls;

/// <summary>Asks the ledger what really ran.</summary>
internal static class Ledger
{
    /// <summary>How often each entry was appended.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountAsync(Caller caller, IEnumerable<string> entries, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        foreach (var batch in entries.Chunk(50))
        {
            var answers = await Task.WhenAll(batch.Select(entry => caller.ResultAsync("ledger/count", new { entry_id = entry }, _ => true, cancellationToken)));
            foreach (var (entry, answer) in batch.Zip(answers))
            {
                counts[entry] = answer.GetInt64();
            }
        }

        return counts;
    }
}
