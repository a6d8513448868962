using System.Data.Common;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orrery.Rpc.Database;

/// <summary>
/// Orleans' storage as services need it: with states of their own for the services of a node, which all have the same
/// key; with errors that can be told, where those of a database driver reach no other node; and with a fresh start for a
/// service whose own state another writer has changed, however it was called.
/// </summary>
internal sealed partial class StateStorage(IGrainStorage storage, IGrainContextAccessor grains, ILoggerFactory loggers) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    // Not of this class: Orleans logs under that what this throws, with a stack trace.
    private readonly ILogger _logger = loggers.CreateLogger("Orrery.State");

    public void Participate(ISiloLifecycle observer) => (storage as ILifecycleParticipant<ISiloLifecycle>)?.Participate(observer);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ExplainAsync("read", grainId, storage.ReadStateAsync(NameOf(stateName, grainId), grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ExplainAsync("written", grainId, storage.WriteStateAsync(NameOf(stateName, grainId), grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ExplainAsync("cleared", grainId, storage.ClearStateAsync(NameOf(stateName, grainId), grainId, grainState));

    // The provider in the database tells states apart by their name and the grain's key.
    private static string NameOf(string stateName, GrainId grainId) => $"{grainId.Type}/{stateName}";

    private async Task ExplainAsync(string what, GrainId grainId, Task operation)
    {
        var grain = grains.GrainContext;
        try
        {
            await operation;
        }
        catch (InconsistentStateException exception)
        {
            // Orleans does this where it sees the exception, and does not see it when the endpoint turns it into an answer.
            // A record that is no service's own is in nobody's memory: whoever writes it reads it again.
            (grain?.GrainId == grainId ? grain : null)?.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "Another writer changed the state."));
            throw;
        }
        catch (DbException exception)
        {
            LogFailed(grainId, what, exception.GetBaseException().Message.TrimEnd('.'));
            throw new RpcException(new RpcError(
                (int)RpcErrorCode.InternalError,
                $"The state of the service could not be {what}: the database failed, or can't be reached.",
                RpcErrorReason.StateUnavailable,
                Executed.Yes));
        }
    }

    [LoggerMessage(LogLevel.Error, "The state of {GrainId} could not be {What}: {Problem}")]
    private partial void LogFailed(GrainId grainId, string what, string problem);
}
