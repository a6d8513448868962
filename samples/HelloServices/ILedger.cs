using Orrery.Rpc;

namespace HelloServices;

/// <summary>
/// Counts what was done, in the storage of the cluster: what one node has counted every other one sees. A method may say
/// that running it twice is running it once, and Append does not.
/// </summary>
[Service(Description = "Counts how often each entry was appended, on all nodes together.")]
public interface ILedger : IService
{
    [ServiceMethod(Public = true, Description = "Appends an entry once more, and gives how often it now was.")]
    Task<long> Append(string entryId);

    [ServiceMethod(Public = true, Idempotent = true, Description = "How often an entry was appended.")]
    Task<long> Count(string entryId);

    [ServiceMethod(Public = true, Idempotent = true, Description = "How often any entry was appended.")]
    Task<long> Total();
}
