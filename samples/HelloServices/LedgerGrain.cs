using System.Text;
using Orleans.Storage;
using Orrery.Rpc;

namespace HelloServices;

// The storage itself, and no [PersistentState]: that would be a state of each node's own.
internal sealed class LedgerGrain(IGrainStorage storage, LocalNode node) : Grain, ILedger, IDisposable
{
    // The total is in several records, so that nodes seldom change the same one.
    private const int Pages = 64;

    private readonly GrainId _page = PageOf(Encoding.UTF8.GetBytes(node.NodeId).Sum(letter => letter) % Pages);
    private readonly SemaphoreSlim _totalling = new(1, 1);
    private long _notInTotal;

    public async Task<long> Append(string entryId)
    {
        var count = await Add(EntryOf(entryId), 1);
        _notInTotal++;
        await KeepTotal();
        return count;
    }

    public async Task<long> Count(string entryId) => ValueOf(await Read(EntryOf(entryId)));

    public async Task<long> Total() => (await Task.WhenAll(Enumerable.Range(0, Pages).Select(page => Read(PageOf(page))))).Sum(ValueOf);

    public void Dispose() => _totalling.Dispose();

    private static GrainId EntryOf(string entryId) => entryId.Length is >= 1 and <= 200 && !entryId.Any(char.IsControl)
        ? GrainId.Create("ledger.entry", entryId)
        : throw RpcException.InvalidParameter("entry_id", "An entry id has 1 to 200 characters, and no control characters.");

    private static GrainId PageOf(int page) => GrainId.Create("ledger.page", $"{page}");

    private static long ValueOf(GrainState<Count> record) => record.State?.Value ?? 0;

    // Appends that come while a page is written share the next write, so that many of them do not wait for one another.
    private async Task KeepTotal()
    {
        await _totalling.WaitAsync();
        var amount = _notInTotal;
        try
        {
            if (amount > 0)
            {
                _notInTotal = 0;
                await Add(_page, amount);
            }
        }
        catch
        {
            // The entries have them: the next append brings them along.
            _notInTotal += amount;
            throw;
        }
        finally
        {
            _totalling.Release();
        }
    }

    private async Task<long> Add(GrainId id, long amount)
    {
        while (true)
        {
            var record = await Read(id);
            record.State = new Count { Value = ValueOf(record) + amount };
            try
            {
                await storage.WriteStateAsync("count", id, record);
                return ValueOf(record);
            }
            catch (InconsistentStateException)
            {
                // Somebody else was faster: nothing was written, so once more from what they wrote.
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
