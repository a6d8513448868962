using System.Data.Common;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orrery.Rpc.Database;

/// <summary>
/// Orleans' storage in the database, with errors that can be told: those of a database driver reach no other node, and
/// say nothing to a caller.
/// </summary>
internal sealed partial class DatabaseStorage(AdoNetGrainStorage storage, ILoggerFactory loggers) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    // Not of this class: Orleans logs under that what this throws, with a stack trace.
    private readonly ILogger _logger = loggers.CreateLogger("Orrery.State");

    public void Participate(ISiloLifecycle observer) => storage.Participate(observer);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ExplainAsync("read", grainId, storage.ReadStateAsync(NameOf(stateName, grainId), grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ExplainAsync("written", grainId, storage.WriteStateAsync(NameOf(stateName, grainId), grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ExplainAsync("cleared", grainId, storage.ClearStateAsync(NameOf(stateName, grainId), grainId, grainState));

    // The provider tells states apart by their name and the grain's key, and all services of a node have the same key.
    private static string NameOf(string stateName, GrainId grainId) => $"{grainId.Type}/{stateName}";

    private async Task ExplainAsync(string what, GrainId grainId, Task operation)
    {
        try
        {
            await operation;
        }
        catch (DbException exception)
        {
            LogFailed(grainId, what, exception.GetBaseException().Message);
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
