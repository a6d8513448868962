using Orrery.Rpc;

namespace Orrery.ChaosServices;

/// <summary>Work that takes as long as its node was told: <c>ORRERY_CHAOS_WORK_MS</c> in the node's environment.</summary>
[Service(Roles = ["worker"])]
public interface IWork : IService
{
    [ServiceMethod(Public = true, Idempotent = true, Description = "Works, and gives the node that did.")]
    Task<string> Run(CancellationToken cancellationToken);

    [ServiceMethod(Public = true, Description = "Works for so long, unless the caller gives up.")]
    Task Last(double seconds, CancellationToken cancellationToken);

    [ServiceMethod(Public = true, Description = "Blocks every thread that the node gives it, until the time is over.")]
    Task Block(double seconds);

    [ServiceMethod(Public = true, Idempotent = true, Description = "What the long work of this node came to.")]
    Task<LongWork> Lasted();
}

/// <param name="Started">How often it began.</param>
/// <param name="Cancelled">How often the caller gave up.</param>
/// <param name="Finished">How often it came to its end.</param>
public sealed record LongWork(int Started, int Cancelled, int Finished);
