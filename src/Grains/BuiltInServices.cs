using System.Reflection;

namespace Orrery.Grains;

/// <summary>The assembly with the services that every cluster has, for <c>node.AddServices(BuiltInServices.Assembly)</c>.</summary>
public static class BuiltInServices
{
    /// <summary>The assembly.</summary>
    public static Assembly Assembly => typeof(BuiltInServices).Assembly;
}
