using Orrery.Rpc;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Grains.RegistryService;

/// <summary>Tells what a node knows of the cluster.</summary>
[Service("registry", AlwaysOn = true, Description = "The nodes, roles, services and methods of the cluster.")]
public interface IRegistry : IService
{
    /// <summary>Lists the nodes, by id.</summary>
    /// <param name="role">Only those with this role.</param>
    /// <param name="service">Only those that host this service.</param>
    /// <param name="status">Only those with this status.</param>
    [ServiceMethod(Public = true, Description = "The nodes of the cluster, by id; those with a role, a service or a status only, if asked so.")]
    Task<IReadOnlyList<Node>> ListNodes(string? role = null, string? service = null, NodeStatus? status = null);

    /// <summary>Gives one node.</summary>
    /// <param name="nodeId">The node's id.</param>
    /// <exception cref="RpcException">The registry has no such node (-32001).</exception>
    [ServiceMethod(Public = true, Description = "One node of the cluster.")]
    Task<Node> GetNode(string nodeId);

    /// <summary>
    /// Lists the services with their methods and parameters, and how they are on each node, by name. A caller outside sees what
    /// it may call; one that may do everything (<c>*</c>), and a service that works for nobody, sees all.
    /// </summary>
    [ServiceMethod(Public = true, Description = "The services of the cluster, with their methods, where they are hosted and how they are there.")]
    Task<IReadOnlyList<RegisteredService>> ListServices();

    /// <summary>Says where a call from this node would go now, and why. Calls nobody.</summary>
    /// <param name="address"><c>service/method</c> or <c>service/target/method</c>.</param>
    [ServiceMethod(Public = true, Description = "Where a call would go now, and why.")]
    Task<Resolution> Resolve(string address);
}
