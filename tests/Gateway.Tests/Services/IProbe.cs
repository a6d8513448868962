using System.Text.Json;
using Orrery.Rpc;

namespace Orrery.Gateway.Tests.Services;

/// <summary>Gives back what it took: a method for each kind of parameter.</summary>
public interface IProbe : IService
{
    [ServiceMethod(Public = true)]
    Task<string> Where();

    [ServiceMethod(Public = true)]
    Task<bool> TakeBool(bool value);

    [ServiceMethod(Public = true)]
    Task<byte> TakeByte(byte value);

    [ServiceMethod(Public = true)]
    Task<int> TakeInt(int value);

    [ServiceMethod(Public = true)]
    Task<long> TakeLong(long value);

    [ServiceMethod(Public = true)]
    Task<ulong> TakeUlong(ulong value);

    [ServiceMethod(Public = true)]
    Task<decimal> TakeDecimal(decimal value);

    [ServiceMethod(Public = true)]
    Task<double> TakeDouble(double value);

    [ServiceMethod(Public = true)]
    Task<float> TakeFloat(float value);

    [ServiceMethod(Public = true)]
    Task<string> TakeString(string value);

    [ServiceMethod(Public = true)]
    Task<DateTimeOffset> TakeTime(DateTimeOffset value);

    [ServiceMethod(Public = true)]
    Task<DateOnly> TakeDate(DateOnly value);

    [ServiceMethod(Public = true)]
    Task<TimeSpan> TakeDuration(TimeSpan value);

    [ServiceMethod(Public = true)]
    Task<Guid> TakeUuid(Guid value);

    [ServiceMethod(Public = true)]
    Task<Shade> TakeShade(Shade value);

    [ServiceMethod(Public = true)]
    Task<byte[]> TakeBytes(byte[] value);

    [ServiceMethod(Public = true)]
    Task<int?> TakeNullable(int? value);

    [ServiceMethod(Public = true)]
    Task<string?> TakeNullableString(string? value);

    [ServiceMethod(Public = true)]
    Task<JsonElement> TakeAny(JsonElement value);

    [ServiceMethod(Public = true)]
    Task<IReadOnlyList<long>> TakeList(IReadOnlyList<long> value);

    [ServiceMethod(Public = true)]
    Task<IReadOnlyList<double>> TakeNumbers(IReadOnlyList<double> value);

    [ServiceMethod(Public = true)]
    Task<IReadOnlyDictionary<string, int>> TakeDictionary(IReadOnlyDictionary<string, int> value);

    [ServiceMethod(Public = true)]
    Task<Order> TakeOrder(Order value);

    [ServiceMethod(Public = true)]
    Task<Chosen> Choose(long first, string text = "none", Shade shade = Shade.DarkBlue, int? count = null, decimal perItem = 1.5m, bool isUrgent = true);

    [ServiceMethod(Public = true)]
    Task<int> Count(string name, params int[] values);
}

public enum Shade
{
    Red,
    DarkBlue,
}

public sealed record Order(string Number, Customer Customer, IReadOnlyList<OrderLine> Lines);

public sealed record Customer(string FullName, DateOnly? Born = null);

public sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice, Shade Shade = Shade.Red);

public sealed record Chosen(long First, string Text, Shade Shade, int? Count, decimal PerItem, bool IsUrgent);
