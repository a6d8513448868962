using Orrery.Rpc;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.RegistryService;

/// <summary>Tells what a node knows of the cluster.</summary>
[Service("registry", AlwaysOn = true, Description = "The nodes, roles, services and methods of the cluster.")]
public interface IRegistry : IService
{
    /// <summary>Lists the nodes, by id.</summary>
    [ServiceMethod(Public = true, Description = "The nodes of the cluster, by id.")]
    Task<IReadOnlyList<Node>> ListNodes();

    /// <summary>Lists the services with their methods and parameters, by name.</summary>
    [ServiceMethod(Public = true, Description = "The services of the cluster, with their methods and where they are hosted.")]
    Task<IReadOnlyList<RegisteredService>> ListServices();
}
