using Orleans.Runtime;
using Orleans.Storage;

namespace Orrery.Rpc.Invocation.Idempotency;

/// <summary>Keeps the record of one key: in the database when there is one, else here.</summary>
internal sealed class KeyedCallStore(IGrainStorage? database, GrainId key)
{
    /// <summary>The part of the state's name that is not the grain's.</summary>
    public const string StateName = "call";

    private GrainState<KeyedCallRecord> _state = new();

    /// <summary>Whether the record outlives the node.</summary>
    public bool IsDurable => database is not null;

    /// <summary>Gives the record; null when there is none.</summary>
    /// <exception cref="RpcException">The database failed or can't be reached.</exception>
    public async Task<KeyedCallRecord?> ReadAsync()
    {
        if (database is not null)
        {
            var state = new GrainState<KeyedCallRecord>();
            await database.ReadStateAsync(StateName, key, state);
            _state = state;
        }

        return _state.State;
    }

    /// <summary>Writes the record.</summary>
    /// <exception cref="RpcException">The database failed or can't be reached.</exception>
    /// <exception cref="InconsistentStateException">Somebody else has written it since it was read.</exception>
    public async Task WriteAsync(KeyedCallRecord record)
    {
        var state = new GrainState<KeyedCallRecord>(record, _state.ETag) { RecordExists = _state.RecordExists };
        if (database is not null)
        {
            await database.WriteStateAsync(StateName, key, state);
        }

        _state = state;
    }

    /// <summary>Gives the key free.</summary>
    /// <exception cref="RpcException">The database failed or can't be reached.</exception>
    public async Task ClearAsync()
    {
        if (database is not null)
        {
            await database.ClearStateAsync(StateName, key, _state);
        }
        else
        {
            _state = new();
        }
    }
}
