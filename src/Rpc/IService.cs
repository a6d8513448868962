using Microsoft.Extensions.DependencyInjection;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc;

/// <summary>
/// Marks an interface as a service contract. Every node that may host the service has one activation of it,
/// whose key is the node's id.
/// </summary>
/// <remarks>
/// Methods return <see cref="Task"/>, <see cref="Task{TResult}"/>, <see cref="ValueTask"/> or
/// <see cref="ValueTask{TResult}"/>. Their parameters and results are data (numbers, strings, dates, enums, records,
/// lists, dictionaries with string keys), plus at most one <see cref="CancellationToken"/>. A contract that breaks a
/// rule stops the node's start with a message that names it.
/// </remarks>
[GenerateMethodSerializers(typeof(Invocation.Requests.ServiceReference))]
public interface IService : IGrainWithStringKey
{
    /// <summary>Answers as soon as the service gets to it: every service has this, and no author needs to write it.</summary>
    [ServiceMethod(Public = true, Description = "Answers as soon as the service gets to it.")]
    Task<Pong> Ping()
    {
        var context = ((IGrainBase)this).GrainContext;
        var service = context.ActivationServices.GetRequiredService<LocalServices>().Of(context.GrainId);
        return Task.FromResult(new Pong(service.NodeId, service.Name, service.Health, service.Reason));
    }
}
