using System.Text;
using Orleans.Storage;
using Orrery.Rpc;

namespace HelloServices;

// The storage itself, and no [PersistentState]: that would be a state of each node's own.
internal sealed class LedgerGrain(IGrainStorage storage) : Grain, ILedger
{
    // The total is in several records, so that nodes that append at the same time seldom change the same one.
    private const int Pages = 64;

    public async Task<long> Append(string entryId)
    {
        var entry = EntryOf(entryId);
        var page = PageOf(Encoding.UTF8.GetBytes(entryId).Sum(letter => letter) % Pages);
        var count = await Increment(entry);
        await Increment(page);
        return count;
    }

    public async Task<long> Count(string entryId) => ValueOf(await Read(EntryOf(entryId)));

    public async Task<long> Total() => (await Task.WhenAll(Enumerable.Range(0, Pages).Select(page => Read(PageOf(page))))).Sum(ValueOf);

    private static GrainId EntryOf(string entryId) => entryId.Length is >= 1 and <= 200 && !entryId.Any(char.IsControl)
        ? GrainId.Create("ledger.entry", entryId)
        : throw RpcException.InvalidParameter("entry_id", "An entry id has 1 to 200 characters, and no control characters.");

    private static GrainId PageOf(int page) => GrainId.Create("ledger.page", $"{page}");

    private static long ValueOf(GrainState<Count> record) => record.State?.Value ?? 0;

    private async Task<long> Increment(GrainId id)
    {
        while (true)
        {
            var record = await Read(id);
            record.State = new Count { Value = ValueOf(record) + 1 };
            try
            {
                await storage.WriteStateAsync("count", id, record);
                return ValueOf(record);
            }
            catch (InconsistentStateException)
            {
                // Another node was faster: nothing was written, so once more from what it wrote.
            }
        }
    }

    private async Task<GrainState<Count>> Read(GrainId id)
    {
        var record = new GrainState<Count>();
        await storage.ReadStateAsync("count", id, record);
        return record;
    }
}
