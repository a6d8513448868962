using System.Reflection;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Invocation.Requests;

/// <summary>What is known of the method that requests of one type are for.</summary>
/// <param name="method">The method; null for one that reflection does not find.</param>
internal sealed class RequestedMethod(MethodInfo? method)
{
    private volatile Named? _last;

    /// <summary>How long a call may take, in milliseconds.</summary>
    public int TimeoutMs { get; } = method?.GetCustomAttribute<ServiceMethodAttribute>() is { TimeoutSeconds: > 0 } declared ? (int)(declared.TimeoutSeconds * 1000) : MethodDescription.DefaultTimeoutMs;

    /// <summary>Gives the service and the method. What all services have is not declared in the contract of any.</summary>
    /// <param name="target">The class of the service.</param>
    public string NameOn(Type target)
    {
        // A node has one class of a service, so there is seldom another one.
        var last = _last;
        if (last?.Target != target)
        {
            _last = last = new Named(target, $"{ServiceContract.NameOf(ServiceContract.ContractsOf(target)[0])}/{ServiceContract.NameOf(method!)}");
        }

        return last.Name;
    }

    private sealed record Named(Type Target, string Name);
}
