namespace Orrery.Rpc.Catalog;

/// <summary>The words that a type is written in, where its parts are to be told apart again.</summary>
internal static class TypeText
{
    /// <summary>Before the name of an object, whose members stand elsewhere.</summary>
    public const string Object = "@";

    /// <summary>Before what may be null.</summary>
    public const string Nullable = "nullable ";

    /// <summary>Before the type of the elements.</summary>
    public const string Array = "array of ";

    /// <summary>Before the type of the values.</summary>
    public const string Dictionary = "object with values of ";

    /// <summary>Before the values of an enum.</summary>
    public const string Enum = "one of ";
}
