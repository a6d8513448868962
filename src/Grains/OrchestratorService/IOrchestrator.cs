using Orrery.Rpc;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Grains.OrchestratorService;

/// <summary>Shows and controls the services of the node that it runs on.</summary>
[Service("orchestrator", AlwaysOn = true, Description = "The services of a node: how they are, and starting and stopping them.")]
public interface IOrchestrator : IService
{
    /// <summary>Lists the services of this node, by name.</summary>
    [ServiceMethod(Public = true, Permission = "orchestrator/list_services", Description = "The services of the node and how they are, by name.")]
    Task<IReadOnlyList<HostedService>> ListServices();

    /// <summary>Gives one service of this node.</summary>
    /// <param name="serviceName">The service's name in addresses.</param>
    /// <exception cref="RpcException">The node hosts no such service.</exception>
    [ServiceMethod(Public = true, Permission = "orchestrator/get_service_status", Description = "One service of the node and how it is.")]
    Task<HostedService> GetServiceStatus(string serviceName);

    /// <summary>
    /// Starts, stops or restarts a service of this node, and returns when that is done, or after 20 s while it still goes
    /// on. What is done already changes nothing.
    /// </summary>
    /// <param name="serviceName">The service's name in addresses.</param>
    /// <param name="action">What to do.</param>
    /// <param name="cancellationToken">Ends the waiting, and not the change.</param>
    /// <exception cref="RpcException">The node hosts no such service, it can't be stopped, its start failed, or the change could not be kept.</exception>
    [ServiceMethod(Public = true, Permission = "orchestrator/control_service", Description = "Starts, stops or restarts a service of the node.")]
    Task<ControlResult> ControlService(string serviceName, ServiceAction action, CancellationToken cancellationToken);

    /// <summary>
    /// Stops this node as a signal would, and returns at once: calls go elsewhere, those that it is in come to their end, it
    /// leaves the cluster, and its process ends.
    /// </summary>
    [ServiceMethod(Public = true, Permission = "orchestrator/drain", Description = "Stops the node: it finishes its calls, leaves the cluster and ends.")]
    Task<DrainResult> Drain();
}

/// <summary>What to do with a service.</summary>
public enum ServiceAction
{
    /// <summary>Let it take calls again.</summary>
    Start,

    /// <summary>Finish the calls that it is in and take no others, also after a restart of the node when there is a database.</summary>
    Stop,

    /// <summary>Give it a fresh activation; calls wait for it.</summary>
    Restart,
}

/// <summary>What became of an action.</summary>
/// <param name="Changed">Whether there was anything to do.</param>
/// <param name="Message">The outcome, in words.</param>
/// <param name="Service">The service afterwards.</param>
[GenerateSerializer, Immutable, Alias("orrery.control_result")]
public sealed record ControlResult(
    [property: Id(0)] bool Changed,
    [property: Id(1)] string Message,
    [property: Id(2)] HostedService Service);

/// <summary>What became of telling a node to stop.</summary>
/// <param name="Changed">Whether it was not stopping already.</param>
/// <param name="Message">The outcome, in words.</param>
[GenerateSerializer, Immutable, Alias("orrery.drain_result")]
public sealed record DrainResult(
    [property: Id(0)] bool Changed,
    [property: Id(1)] string Message);
