using Orrery.Rpc;

namespace HelloServices;

/// <summary>A book on each worker that visitors sign: shows all that a service of one's own can do.</summary>
[Service(Roles = ["worker"], Description = "A book on each worker that visitors sign.")]
public interface IGuestbook : IService
{
    [ServiceMethod(Public = true, Description = "Signs the book of the node that it runs on.")]
    Task<Entry> Sign(string name, string message = "");

    [ServiceMethod(Public = true, Description = "The newest entries of the node that it runs on, the newest first.")]
    Task<IReadOnlyList<Entry>> Latest(int count = 10);

    [ServiceMethod(Public = true, Description = "Signs the book of another node.")]
    Task<Entry> SignOn(string nodeId, string name);

    [ServiceMethod(Public = true, Description = "The newest entry of any worker.")]
    Task<Entry?> AnyLatest();

    [ServiceMethod(Public = true, Description = "How many entries the book of each worker has, and which workers did not say.")]
    Task<Census> CountEverywhere(CancellationToken cancellationToken);

    [ServiceMethod(Public = true, Anonymous = true, Description = "What the book is about.")]
    Task<string> Title();

    [ServiceMethod(Public = true, Permission = "guestbook/erase", Description = "Erases the book of the node that it runs on, but for who did it.")]
    Task Erase();

    [ServiceMethod(Description = "The number of entries on the node that it runs on.")]
    Task<int> Count();
}

public sealed record Entry(string NodeId, string Name, string Message, DateTimeOffset SignedAt);

public sealed record Census(IReadOnlyDictionary<string, int> Entries, IReadOnlyDictionary<string, string> Silent);
