using Orrery.Rpc;
using Orrery.Rpc.Invocation;

namespace Orrery.Grains.SystemService;

/// <summary>Tells about the machine and the process that a node is.</summary>
[Service("system", AlwaysOn = true, AutoStart = true, Description = "The machine and the process that a node is.")]
public interface ISystem : IService
{
    /// <summary>
    /// Gives what the calls came to that this node has made since it started, by method and node. Typed calls to a node id
    /// are not counted.
    /// </summary>
    [ServiceMethod(Description = "What the calls that this node has made came to, by method and node.")]
    Task<IReadOnlyList<CallCounts>> GetCallCounts();

    /// <summary>Gives what does not change while the node runs, and its uptime.</summary>
    [ServiceMethod(Public = true, Description = "The node's machine, operating system and runtime.")]
    Task<SystemInfo> GetSystemInfo();

    /// <summary>Gives the newest sample. One is taken each second, so nobody waits for it.</summary>
    [ServiceMethod(Public = true, Description = "What the node's machine and process are doing: processors, memory, disks, network, load.")]
    Task<SystemMetrics> GetSystemMetrics();
}
