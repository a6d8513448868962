using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>
/// Which services of this node somebody stopped, and why. With a database it outlives the node; without one the node
/// forgets it, as it does the rest of its state.
/// </summary>
internal sealed class StoppedServices(IServiceProvider services, LocalNode node, bool isDurable) : IDisposable
{
    private const string StateName = "stopped_services";

    private readonly GrainId _owner = GrainId.Create(NodeCard.GrainType, IdSpan.Create(node.NodeId));
    private readonly SemaphoreSlim _writing = new(1, 1);
    private GrainState<Dictionary<string, string>> _stopped = new([]);

    private IGrainStorage Storage => services.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);

    public void Dispose() => _writing.Dispose();

    /// <summary>Gives the reasons by the services' names, as they were when the node last ran.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync()
    {
        if (isDurable)
        {
            var read = new GrainState<Dictionary<string, string>>([]);
            await Storage.ReadStateAsync(StateName, _owner, read);
            _stopped = read;
        }

        return _stopped.State ?? [];
    }

    /// <summary>Keeps that a service is stopped, or, with no reason, that it no longer is.</summary>
    /// <exception cref="RpcException">The database failed or can't be reached; what was kept still is.</exception>
    public async Task KeepAsync(string service, string? reason, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var next = new Dictionary<string, string>(_stopped.State ?? []);
            if (reason is null)
            {
                next.Remove(service);
            }
            else
            {
                next[service] = reason;
            }

            var written = new GrainState<Dictionary<string, string>>(next) { ETag = _stopped.ETag, RecordExists = _stopped.RecordExists };
            if (isDurable)
            {
                await Storage.WriteStateAsync(StateName, _owner, written);
            }

            _stopped = written;
        }
        finally
        {
            _writing.Release();
        }
    }
}
