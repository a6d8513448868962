using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orrery.Rpc.Catalog;

/// <summary>Tells which types can travel as data, by walking what JSON would read or write of them.</summary>
internal static class DataTypeRules
{
    private static readonly Type[] NeverData =
    [
        typeof(Delegate), typeof(Stream), typeof(Task), typeof(System.Reflection.MemberInfo), typeof(IAddressable),
        typeof(IntPtr), typeof(UIntPtr), typeof(CancellationToken), typeof(CancellationTokenSource), typeof(IServiceProvider),
    ];

    /// <summary>Gives the reason why a value of the type could never arrive, or null when it can.</summary>
    /// <param name="type">The type of a parameter or of a result.</param>
    /// <param name="isRead">Whether it is read from JSON (a parameter) and not only written (a result).</param>
    public static string? Refusal(Type type, bool isRead) => Refusal(type, isRead, []);

    private static string? Refusal(Type type, bool isRead, HashSet<Type> seen)
    {
        if (!seen.Add(type))
        {
            return null;
        }

        if (type.IsByRef || type.IsPointer || type.IsByRefLike || type.ContainsGenericParameters || NeverData.Any(never => never.IsAssignableFrom(type)))
        {
            return $"{Text(type)} is not data";
        }

        JsonTypeInfo info;
        try
        {
            info = WireJson.Options.GetTypeInfo(type);
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            return $"{Text(type)} can't be JSON: {exception.Message}";
        }

        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => Refusal(info.ElementType!, isRead, seen),
            JsonTypeInfoKind.Dictionary => Refusal(info.KeyType!, isRead, seen) ?? Refusal(info.ElementType!, isRead, seen),
            JsonTypeInfoKind.Object => RefusalOfObject(info, isRead, seen),
            _ => null,
        };
    }

    private static string? RefusalOfObject(JsonTypeInfo info, bool isRead, HashSet<Type> seen)
    {
        var hasConstructor = info.CreateObject is not null || info.ConstructorAttributeProvider is not null;
        if (isRead && info.PolymorphismOptions is null && !hasConstructor)
        {
            return $"{Text(info.Type)} can't be created from JSON: it is abstract or has no single public constructor";
        }

        return info.Properties.Select(property => Refusal(property.PropertyType, isRead, seen)).FirstOrDefault(refusal => refusal is not null);
    }

    private static string Text(Type type) => type.FullName ?? type.Name;
}
