namespace Orrery.Rpc;

/// <summary>Sets what callers and operators see of a service's method. A method without it is private.</summary>
/// <param name="name">
/// The name in addresses, in <c>snake_case</c>; by default that of the C# method, without an <c>Async</c> at its end.
/// </param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ServiceMethodAttribute(string? name = null) : Attribute
{
    /// <summary>The name given, or null to derive it.</summary>
    public string? Name { get; } = name;

    /// <summary>
    /// Whether callers outside the cluster may call it. False by default: services may call it, nobody else.
    /// </summary>
    public bool Public { get; set; }

    /// <summary>A sentence for whoever reads the catalog.</summary>
    public string? Description { get; set; }
}
