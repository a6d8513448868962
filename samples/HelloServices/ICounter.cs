using Orrery.Rpc;

namespace HelloServices;

/// <summary>Counts, and knows how far it got after a restart of its node.</summary>
public interface ICounter : IService
{
    [ServiceMethod(Public = true)]
    Task<long> Add(long amount = 1);

    [ServiceMethod(Public = true)]
    Task<long> Get();
}
