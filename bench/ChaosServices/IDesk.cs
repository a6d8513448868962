using Orrery.Rpc;

namespace Orrery.ChaosServices;

/// <summary>A desk with four clerks on each worker, who have 40 ms for each caller.</summary>
[Service(Roles = ["worker"], MaxRunning = Clerks)]
public interface IDesk : IService
{
    internal const int Clerks = 4;

    [ServiceMethod(Public = true, Description = "Waits for a clerk, and is served.")]
    Task Serve(CancellationToken cancellationToken);
}
