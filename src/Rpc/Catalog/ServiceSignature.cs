using System.Text.Json.Serialization;

namespace Orrery.Rpc.Catalog;

/// <summary>
/// What a service's methods take and give, down to the members of their objects. Nodes tell it one another, so that each
/// can tell which versions of a service get along.
/// </summary>
/// <param name="Methods">The methods, by name.</param>
/// <param name="Objects">
/// The members of the objects that <see cref="Member.Type"/> names. One that is not here, because there were too many, is
/// the same as any other.
/// </param>
internal sealed record ServiceSignature(
    IReadOnlyDictionary<string, MethodSignature> Methods,
    IReadOnlyDictionary<string, IReadOnlyList<Member>> Objects)
{
    /// <summary>How many members of objects one service tells of: it is copied to every node.</summary>
    public const int MostMembers = 1_000;

    /// <summary>Gives what a method takes and gives as people read it.</summary>
    /// <param name="method">The method's name.</param>
    public string TextOf(string method) => Methods.TryGetValue(method, out var signature) ? $"({string.Join(", ", signature.Parameters)}): {Readable(signature.Returns)}" : "";

    /// <summary>Gives a type as people read it.</summary>
    public static string Readable(string type) => type.Replace(TypeText.Object, "", StringComparison.Ordinal);
}

/// <summary>What a method takes and gives.</summary>
/// <param name="Id">The same where the method was built from the same code, so that a typed call can be read there.</param>
/// <param name="Parameters">The parameters, in order.</param>
/// <param name="Returns">The type of the result.</param>
internal sealed record MethodSignature(string Id, IReadOnlyList<Member> Parameters, string Returns);

/// <summary>A parameter, or a member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its JSON type, in words of <see cref="TypeText"/>.</param>
/// <param name="Optional">Whether it may be left out.</param>
internal sealed record Member(
    string Name,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Optional = false)
{
    public override string ToString() => $"{Name}{(Optional ? "?" : "")}: {ServiceSignature.Readable(Type)}";
}
