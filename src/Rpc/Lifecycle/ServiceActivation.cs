using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Lifecycle;

/// <summary>
/// Makes the instances of services. In the place of one that is stopped it puts an object that refuses each call: so a
/// typed reference, which asks nobody on its way, is refused as well, and a service that runs pays nothing for it.
/// </summary>
internal sealed class ServiceActivator(ServiceHost host, IGrainActivator inner) : IGrainActivator
{
    public object CreateInstance(IGrainContext context) =>
        host.Admit(context) ? inner.CreateInstance(context) : StoppedService.Create(host);

    public ValueTask DisposeInstance(IGrainContext context, object instance) => inner.DisposeInstance(context, instance);
}

/// <summary>Gives services their activator.</summary>
internal sealed class ServiceActivatorConfiguration(IServiceProvider services) : IConfigureGrainTypeComponents
{
    // Asked for when used: they are made of what needs the grain types.
    private readonly Lazy<LocalServices> _local = new(services.GetRequiredService<LocalServices>);

    public void Configure(GrainType grainType, GrainProperties properties, GrainTypeSharedContext shared)
    {
        if (ServiceContract.IsService(grainType) && _local.Value.FindHost(grainType) is { } host)
        {
            shared.SetComponent<IGrainActivator>(new ServiceActivator(host, new DefaultGrainActivator(services, host.Contract.GrainClass)));
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
