using System.Runtime.InteropServices;
using Orrery.Rpc;

namespace Orrery.Grains.SystemService;

/// <inheritdoc cref="ISystem"/>
internal sealed class SystemGrain(LocalNode node, TimeProvider time) : Grain, ISystem
{
    public Task<SystemInfo> GetSystemInfo() => Task.FromResult(new SystemInfo(
        node.NodeId,
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription,
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Math.Round((time.GetUtcNow() - node.StartedAt).TotalSeconds, 3),
        node.Version));
}
