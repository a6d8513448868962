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

    /// <summary>
    /// What a caller outside the cluster must be permitted to call it, e.g. <c>orders/cancel</c>: up to 128 letters, digits and
    /// <c>._-/:</c>. Without one, the default, every caller may that says who it is. Only for a public method.
    /// </summary>
    public string? Permission { get; set; }

    /// <summary>
    /// Whether callers outside may call it without saying who they are. Only for a public method without a permission. False
    /// by default.
    /// </summary>
    public bool Anonymous { get; set; }

    /// <summary>
    /// Whether running it twice is the same as running it once. A call to a role or to any node is then tried on another
    /// node also when it may have run. False by default.
    /// </summary>
    public bool Idempotent { get; set; }

    /// <summary>
    /// Whether a second attempt starts on another node when the first has not answered by the time in which 95 of 100
    /// calls have. Only for an idempotent method. False by default.
    /// </summary>
    public bool Hedged { get; set; }

    /// <summary>
    /// For how many seconds a caller waits who does not say, more than 0 and up to 3,600; 0, the default, for the 30 s
    /// that any call has.
    /// </summary>
    public double TimeoutSeconds { get; set; }

    /// <summary>A sentence for whoever reads the catalog.</summary>
    public string? Description { get; set; }
}
