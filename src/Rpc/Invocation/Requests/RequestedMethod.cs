using System.Reflection;
using Orrery.Rpc.Catalog;

namespace Orrery.Rpc.Invocation.Requests;

/// <summary>What is known of the method that requests of one type are for.</summary>
/// <param name="method">The method; null for one that reflection does not find.</param>
internal sealed class RequestedMethod(MethodInfo? method)
{
    private volatile Served? _last;

    /// <summary>How long a call may take, in milliseconds.</summary>
    public int TimeoutMs { get; } = method?.GetCustomAttribute<ServiceMethodAttribute>() is { TimeoutSeconds: > 0 } declared ? (int)(declared.TimeoutSeconds * 1000) : MethodDescription.DefaultTimeoutMs;

    /// <summary>Gives what calls of the method on an instance of a service need to know of it.</summary>
    /// <param name="target">The instance.</param>
    public Served On(IService target)
    {
        // A node has one instance of a service, so there is seldom another one.
        var last = _last;
        if (last is null || !last.IsOf(target))
        {
            // What all services have is not declared in the contract of any.
            var name = $"{ServiceContract.NameOf(ServiceContract.ContractsOf(target.GetType())[0])}/{ServiceContract.NameOf(method!)}";
            _last = last = new Served(target, name, ServiceGate.Of(target));
        }

        return last;
    }

    /// <summary>The method on an instance.</summary>
    /// <param name="target">The instance, which may go while this stays.</param>
    /// <param name="name">The service and the method.</param>
    /// <param name="gate">What lets calls in; null for a service whose calls are not counted.</param>
    internal sealed class Served(IService target, string name, ServiceGate? gate)
    {
        private readonly WeakReference<IService> _target = new(target);

        public string Name => name;

        public ServiceGate? Gate => gate;

        public bool IsOf(IService other) => _target.TryGetTarget(out var known) && ReferenceEquals(known, other);
    }
}
