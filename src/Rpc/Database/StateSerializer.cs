using System.Text.Json;
using Orleans.Storage;

namespace Orrery.Rpc.Database;

/// <summary>Writes state as the JSON that also travels, so that it can be read in the database and by the next version of its service.</summary>
internal sealed class StateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, WireJson.Options));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, WireJson.Options)!;
}
