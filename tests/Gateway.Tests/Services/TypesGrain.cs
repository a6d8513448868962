using System.Globalization;
using System.Text.Json;

namespace Orrery.Gateway.Tests.Services;

internal sealed class TypesGrain : Grain, ITypes
{
    public Task<int> Int(int value) => Task.FromResult(value);

    public Task<byte> Byte(byte value) => Task.FromResult(value);

    public Task<long> Long(long value) => Task.FromResult(value);

    public Task<ulong> Unsigned(ulong value) => Task.FromResult(value);

    public Task<decimal> Decimal(decimal value) => Task.FromResult(value);

    public Task<double> Double(double value) => Task.FromResult(value);

    public Task<bool> Bool(bool value) => Task.FromResult(value);

    public Task<string> Text(string value) => Task.FromResult(value);

    public Task<DateTimeOffset> Time(DateTimeOffset value) => Task.FromResult(value);

    public Task<DateOnly> Date(DateOnly value) => Task.FromResult(value);

    public Task<TimeSpan> Duration(TimeSpan value) => Task.FromResult(value);

    public Task<Guid> Id(Guid value) => Task.FromResult(value);

    public Task<byte[]> Bytes(byte[] value) => Task.FromResult(value);

    public Task<Colour> Enum(Colour value) => Task.FromResult(value);

    public Task<Colour?> NullableEnum(Colour? value) => Task.FromResult(value);

    public Task<int?> NullableInt(int? value) => Task.FromResult(value);

    public Task<string?> NullableText(string? value) => Task.FromResult(value);

    public Task<string> Optional(string text, int number, Colour colour, DateTimeOffset time) =>
        Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"{text} {number} {colour} {time.Year}"));

    public Task<Box> Record(Box value) => Task.FromResult(value);

    public Task<IReadOnlyList<int>> List(IReadOnlyList<int> value) => Task.FromResult(value);

    public Task<Dictionary<string, Box>> Dictionary(Dictionary<string, Box> value) => Task.FromResult(value);

    public Task<JsonElement> Json(JsonElement value) => Task.FromResult(value);

    public Task<int> Named(int value) => Task.FromResult(value);

    public Task<int> CountAsync(params int[] values) => Task.FromResult(values.Length);
}
