using Orleans.Concurrency;
using Orleans.Runtime;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation;

/// <summary>
/// The door of every service for calls that carry JSON. It is an extension of the service's grain, so that a caller
/// needs the grain's id and none of the service's types.
/// </summary>
[Alias("orrery.endpoint"), GenerateMethodSerializers(typeof(Requests.ServiceReference), isExtension: true)]
internal interface IServiceEndpoint : IGrainExtension
{
    /// <summary>Starts the service, if it has not been started, and does nothing else.</summary>
    [AlwaysInterleave, Alias("activate")]
    ValueTask Activate();

    /// <summary>Binds the parameters, runs the method and gives its outcome. Throws only when the method did not run.</summary>
    /// <param name="method">The method's name in addresses.</param>
    /// <param name="parameters">A JSON object of named, or a JSON array of positional parameters; empty for none.</param>
    /// <param name="caller">The caller outside the cluster that the call came from, who may not call everything; null for a service.</param>
    [AlwaysInterleave, Alias("invoke")]
    ValueTask<CallOutcome> Invoke(string method, RawJson parameters, Caller? caller);

    /// <summary>
    /// The same for many calls in one message. They run at the same time, and each has its outcome, at the latest shortly
    /// before the time of all is up. When some are refused, so that they can be made elsewhere, the outcomes of those that
    /// still run are to be asked for with <see cref="InvokeRest"/>.
    /// </summary>
    /// <param name="methods">The names of the methods.</param>
    /// <param name="parameters">The parameters of each.</param>
    /// <param name="caller">The caller of all of them, as of one.</param>
    [AlwaysInterleave, Alias("invoke_many")]
    ValueTask<ParcelOutcome> InvokeMany([Immutable] string[] methods, RawJsonList parameters, Caller? caller);

    /// <summary>
    /// The same for calls that have nothing to do with one another: none is waited for, and those that have no outcome when all
    /// have begun are each asked for with <see cref="InvokeRest"/>, by <see cref="ParcelOutcome.Rest"/> plus their index.
    /// </summary>
    /// <param name="methods">The names of the methods.</param>
    /// <param name="parameters">The parameters of each.</param>
    /// <param name="caller">The caller of all of them, as of one.</param>
    [AlwaysInterleave, Alias("invoke_shared")]
    ValueTask<ParcelOutcome> InvokeShared([Immutable] string[] methods, RawJsonList parameters, Caller? caller);

    /// <summary>Gives the outcomes of the calls that still ran. Once.</summary>
    /// <param name="number">Says which calls.</param>
    [AlwaysInterleave, Alias("invoke_rest")]
    ValueTask<ParcelOutcome> InvokeRest(long number);

    /// <summary>The same as <see cref="Invoke"/> for a method that takes a token. Costs more, whether it is cancelled or not.</summary>
    /// <param name="method">The method's name in addresses.</param>
    /// <param name="parameters">A JSON object of named, or a JSON array of positional parameters; empty for none.</param>
    /// <param name="caller">The caller outside the cluster that the call came from, who may not call everything; null for a service.</param>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits.</param>
    [AlwaysInterleave, Alias("invoke_cancellable")]
    ValueTask<CallOutcome> InvokeCancellable(string method, RawJson parameters, Caller? caller, CancellationToken cancellationToken);
}
