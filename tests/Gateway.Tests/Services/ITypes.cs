using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

/// <summary>Gives back what it was given, for each kind of parameter.</summary>
public interface ITypes : IService
{
    [ServiceMethod(Public = true)]
    Task<int> Int(int value);

    [ServiceMethod(Public = true)]
    Task<byte> Byte(byte value);

    [ServiceMethod(Public = true)]
    Task<long> Long(long value);

    [ServiceMethod(Public = true)]
    Task<ulong> Unsigned(ulong value);

    [ServiceMethod(Public = true)]
    Task<decimal> Decimal(decimal value);

    [ServiceMethod(Public = true)]
    Task<double> Double(double value);

    [ServiceMethod(Public = true)]
    Task<bool> Bool(bool value);

    [ServiceMethod(Public = true)]
    Task<string> Text(string value);

    [ServiceMethod(Public = true)]
    Task<DateTimeOffset> Time(DateTimeOffset value);

    [ServiceMethod(Public = true)]
    Task<DateOnly> Date(DateOnly value);

    [ServiceMethod(Public = true)]
    Task<TimeSpan> Duration(TimeSpan value);

    [ServiceMethod(Public = true)]
    Task<Guid> Id(Guid value);

    [ServiceMethod(Public = true)]
    Task<byte[]> Bytes(byte[] value);

    [ServiceMethod(Public = true)]
    Task<Colour> Enum(Colour value);

    [ServiceMethod(Public = true)]
    Task<Colour?> NullableEnum(Colour? value);

    [ServiceMethod(Public = true)]
    Task<int?> NullableInt(int? value);

    [ServiceMethod(Public = true)]
    Task<string?> NullableText(string? value);

    [ServiceMethod(Public = true)]
    Task<string> Optional(string text = "fallback", int number = 7, Colour colour = Colour.DarkRed, DateTimeOffset time = default);

    [ServiceMethod(Public = true)]
    Task<Box> Record(Box value);

    [ServiceMethod(Public = true)]
    Task<IReadOnlyList<int>> List(IReadOnlyList<int> value);

    [ServiceMethod(Public = true)]
    Task<Dictionary<string, Box>> Dictionary(Dictionary<string, Box> value);

    [ServiceMethod(Public = true)]
    Task<System.Text.Json.JsonElement> Json(System.Text.Json.JsonElement value);

    [ServiceMethod("renamed", Public = true)]
    Task<int> Named([ParameterName("the_value")] int value);

    [ServiceMethod(Public = true)]
    Task<int> CountAsync(params int[] values);
}

public enum Colour
{
    Green,
    DarkRed,
}

public sealed record Box(string Label, int? Size, Colour Colour, IReadOnlyList<Box> Inner);
