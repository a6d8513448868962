using Orrery.Rpc.Registry;

namespace Orrery.Grains.RegistryService;

/// <inheritdoc cref="IRegistry"/>
internal sealed class RegistryGrain(NodeRegistry registry) : Grain, IRegistry
{
    public Task<IReadOnlyList<Node>> ListNodes() => Task.FromResult(registry.Nodes);

    public Task<IReadOnlyList<RegisteredService>> ListServices() => Task.FromResult(registry.Services);
}
