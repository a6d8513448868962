using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Security;

namespace HelloServices;

internal sealed class GuestbookGrain(
    [PersistentState("guestbook")] IPersistentState<Book> book,
    LocalNode node,
    Proxy proxy,
    HealthReport health,
    TimeProvider time) : Grain, IGuestbook
{
    private const int Pages = 1000;
    private static readonly TimeSpan EntriesAreKeptFor = TimeSpan.FromDays(30);

    // The start hook: what the service needs before its first call.
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(ForgetOldEntries, dueTime: TimeSpan.Zero, period: TimeSpan.FromHours(1));
        return Task.CompletedTask;
    }

    // The stop hook: how often the book was read is not worth a write each time.
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => book.WriteStateAsync(cancellationToken);

    public async Task<Entry> Sign(string name, string message)
    {
        if (name.Length is 0 or > 100)
        {
            throw RpcException.InvalidParameter("name", "A name has 1 to 100 characters.");
        }

        if (message.Length > 1000)
        {
            throw RpcException.InvalidParameter("message", "A message has at most 1000 characters.");
        }

        if (book.State.Entries.Count == Pages)
        {
            throw new RpcException("The book is full: sign another node's.");
        }

        var entry = new Entry(node.NodeId, name, message, time.GetUtcNow());
        await Keep([.. book.State.Entries, entry]);
        return entry;
    }

    public Task<IReadOnlyList<Entry>> Latest(int count)
    {
        if (count is < 1 or > 100)
        {
            throw RpcException.InvalidParameter("count", "1 to 100 entries can be asked for.");
        }

        book.State.Reads++;
        return Task.FromResult<IReadOnlyList<Entry>>([.. book.State.Entries.TakeLast(count).Reverse()]);
    }

    public Task<string> Title() => Task.FromResult($"Who came by {node.NodeId}");

    // Who may is decided before the call gets here; who it was comes along with it.
    public Task Erase()
    {
        var eraser = Caller.Current?.Id ?? "a service";
        return Keep([new Entry(node.NodeId, eraser, "erased the book", time.GetUtcNow())]);
    }

    // A typed call to another node.
    public Task<Entry> SignOn(string nodeId, string name) => proxy.Get<IGuestbook>(nodeId).Sign(name, $"sent by {node.NodeId}");

    // A typed call to a role: whichever worker has least to do.
    public async Task<Entry?> AnyLatest() => await proxy.Get<IGuestbook>("worker").Latest(1) is [var latest] ? latest : null;

    // A call to every worker at once, with one deadline.
    public async Task<Census> CountEverywhere(CancellationToken cancellationToken)
    {
        var answers = await proxy.All<IGuestbook>("worker").Call((guestbook, _) => guestbook.Count(), TimeSpan.FromSeconds(2), cancellationToken);
        return new Census(
            answers.Where(answer => answer.Error is null).ToDictionary(answer => answer.NodeId, answer => answer.Result),
            answers.Where(answer => answer.Error is not null).ToDictionary(answer => answer.NodeId, answer => answer.Error!.Message));
    }

    public Task<int> Count() => Task.FromResult(book.State.Entries.Count);

    private async Task ForgetOldEntries(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - EntriesAreKeptFor;
        if (book.State.Entries.Any(entry => entry.SignedAt < oldest))
        {
            await Keep([.. book.State.Entries.Where(entry => entry.SignedAt >= oldest)]);
        }
    }

    private async Task Keep(IReadOnlyList<Entry> entries)
    {
        var before = book.State.Entries;
        book.State.Entries = entries;
        try
        {
            await book.WriteStateAsync();
        }
        catch
        {
            book.State.Entries = before;
            throw;
        }

        if (entries.Count > Pages * 9 / 10)
        {
            health.Degraded($"{entries.Count} of {Pages} pages are full");
        }
        else
        {
            health.Healthy();
        }
    }
}

internal sealed class Book
{
    public IReadOnlyList<Entry> Entries { get; set; } = [];

    public long Reads { get; set; }
}
