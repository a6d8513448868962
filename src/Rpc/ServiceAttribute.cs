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

    /// <summary>
    /// Whether the service starts with its node: its <c>OnActivateAsync</c> runs as soon as the node is in the cluster and
    /// what it depends on is there. False by default: the first call starts it.
    /// </summary>
    public bool AutoStart { get; set; }

    /// <summary>Whether <c>orchestrator/control_service</c> refuses to stop it. False by default.</summary>
    public bool AlwaysOn { get; set; }

    /// <summary>
    /// The names of services that this one can't work without, on whichever node. While one of them runs nowhere in the
    /// cluster, this one is shown as waiting, and does not start by itself.
    /// </summary>
    public string[] DependsOn { get; set; } = [];

    /// <summary>
    /// How many of its calls one node runs at once: a few more wait, the rest are refused with -32006. 0, the default, for
    /// what <c>Orrery:Calls:MaxRunningPerService</c> says.
    /// </summary>
    public int MaxRunning { get; set; }

    /// <summary>A sentence for whoever reads the catalog.</summary>
    public string? Description { get; set; }
}
