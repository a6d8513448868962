namespace Orrery.Rpc;

/// <summary>Sets the name of a parameter in named JSON parameters; by default the C# name in <c>snake_case</c>.</summary>
/// <param name="name">The name, in <c>snake_case</c>.</param>
[AttributeUsage(AttributeTargets.Parameter, Inherited = false)]
public sealed class ParameterNameAttribute(string name) : Attribute
{
    /// <summary>The name given.</summary>
    public string Name { get; } = name;
}
