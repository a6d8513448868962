using System.Text.Json;
using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

internal sealed class ProbeGrain(LocalNode node) : Grain, IProbe
{
    public Task<string> Where() => Task.FromResult(node.NodeId);

    public Task<bool> TakeBool(bool value) => Task.FromResult(value);

    public Task<byte> TakeByte(byte value) => Task.FromResult(value);

    public Task<int> TakeInt(int value) => Task.FromResult(value);

    public Task<long> TakeLong(long value) => Task.FromResult(value);

    public Task<ulong> TakeUlong(ulong value) => Task.FromResult(value);

    public Task<decimal> TakeDecimal(decimal value) => Task.FromResult(value);

    public Task<double> TakeDouble(double value) => Task.FromResult(value);

    public Task<float> TakeFloat(float value) => Task.FromResult(value);

    public Task<string> TakeString(string value) => Task.FromResult(value);

    public Task<DateTimeOffset> TakeTime(DateTimeOffset value) => Task.FromResult(value);

    public Task<DateOnly> TakeDate(DateOnly value) => Task.FromResult(value);

    public Task<TimeSpan> TakeDuration(TimeSpan value) => Task.FromResult(value);

    public Task<Guid> TakeUuid(Guid value) => Task.FromResult(value);

    public Task<Shade> TakeShade(Shade value) => Task.FromResult(value);

    public Task<byte[]> TakeBytes(byte[] value) => Task.FromResult(value);

    public Task<int?> TakeNullable(int? value) => Task.FromResult(value);

    public Task<string?> TakeNullableString(string? value) => Task.FromResult(value);

    public Task<JsonElement> TakeAny(JsonElement value) => Task.FromResult(value);

    public Task<IReadOnlyList<long>> TakeList(IReadOnlyList<long> value) => Task.FromResult(value);

    public Task<IReadOnlyList<double>> TakeNumbers(IReadOnlyList<double> value) => Task.FromResult(value);

    public Task<IReadOnlyDictionary<string, int>> TakeDictionary(IReadOnlyDictionary<string, int> value) => Task.FromResult(value);

    public Task<Order> TakeOrder(Order value) => Task.FromResult(value);

    public Task<Chosen> Choose(long first, string text, Shade shade, int? count, decimal perItem, bool isUrgent) =>
        Task.FromResult(new Chosen(first, text, shade, count, perItem, isUrgent));

    public Task<int> Count(string name, params int[] values) => Task.FromResult(values.Length);
}
