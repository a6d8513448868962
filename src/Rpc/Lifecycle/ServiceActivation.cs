using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Lifecycle;

/// <summary>
/// Makes the instances of services. In the place of one that is stopped it puts an object that refuses each call: so a
/// typed reference, which asks nobody on its way, is refused as well, and a service that runs pays nothing for it.
/// </summary>
internal sealed class ServiceActivator(ServiceHost host, IGrainActivator inner, CallsOptions limits, CallLimit node) : IGrainActivator
{
    public object CreateInstance(IGrainContext context)
    {
        if (!host.Admit(context))
        {
            return StoppedService.Create(host);
        }

        var instance = inner.CreateInstance(context);
        // Whoever has to look after an overloaded node must get through.
        if (!host.Description.AlwaysOn)
        {
            var limit = host.Description.MaxRunning ?? limits.MaxRunningPerService;
            new ServiceGate(host.Description.Name, host.GrainId.Key.ToString()!, limit, Math.Min(limit, limits.MaxWaitingPerService), node).Guard(instance);
        }

        return instance;
    }

    public ValueTask DisposeInstance(IGrainContext context, object instance) => inner.DisposeInstance(context, instance);
}

/// <summary>Gives services their activator.</summary>
internal sealed class ServiceActivatorConfiguration(IServiceProvider services) : IConfigureGrainTypeComponents
{
    // Asked for when used: they are made of what needs the grain types.
    private readonly Lazy<LocalServices> _local = new(services.GetRequiredService<LocalServices>);
    private readonly CallsOptions _limits = services.GetRequiredService<IOptions<CallsOptions>>().Value;
    private readonly CallLimit _node = services.GetRequiredService<CallLimit>();

    public void Configure(GrainType grainType, GrainProperties properties, GrainTypeSharedContext shared)
    {
        if (ServiceContract.IsService(grainType) && _local.Value.FindHost(grainType) is { } host)
        {
            shared.SetComponent<IGrainActivator>(new ServiceActivator(host, new DefaultGrainActivator(services, host.Contract.GrainClass), _limits, _node));
        }
    }
}

/// <summary>Refuses each call to a service that is stopped.</summary>
// Not sealed: the runtime derives the class that implements the contract.
internal class StoppedService : DispatchProxy
{
    private ServiceHost? _host;

    public RpcError Error => RoutingErrors.Stopped(_host!.Description.Name, _host.GrainId.Key.ToString()!, _host.Condition);

    public static object Create(ServiceHost host)
    {
        var stopped = DispatchProxy.Create(host.Contract.Interface, typeof(StoppedService));
        ((StoppedService)stopped)._host = host;
        return stopped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new RpcException(Error);
}
