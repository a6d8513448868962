namespace Orrery.Rpc;

/// <summary>Sets what callers and operators see of a service. Optional: without it all of it is derived.</summary>
/// <param name="name">
/// The name in addresses, in <c>snake_case</c>; by default that of the interface without its leading <c>I</c>
/// (<c>IMetricsDashboard</c> is <c>metrics_dashboard</c>).
/// </param>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class ServiceAttribute(string? name = null) : Attribute
{
    /// <summary>The name given, or null to derive it.</summary>
    public string? Name { get; } = name;

    /// <summary>The roles that may host the service. Empty, the default, means every node.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>A sentence for whoever reads the catalog.</summary>
    public string? Description { get; set; }
}
