using System.Diagnostics;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc;

/// <summary>A service on every live node that runs it, or on those of a role: a call runs on all of them at once.</summary>
public sealed class AllNodes<TService>
    where TService : IService
{
    private readonly Proxy _proxy;
    private readonly Func<ServiceInstance[]> _instances;

    internal AllNodes(Proxy proxy, Func<ServiceInstance[]> instances)
    {
        _proxy = proxy;
        _instances = instances;
    }

    /// <summary>Makes a call on each node, and waits until all have answered or the deadline is over.</summary>
    /// <param name="call">Makes the call: <c>(service, token) => service.Method(…)</c>. The token is cancelled at the deadline.</param>
    /// <param name="deadline">For how long all nodes together are waited for; 30 s by default.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
    /// <returns>An answer of each node, by node id. One that has not answered in time has the error -32003.</returns>
    /// <exception cref="RpcException">No live node runs the service.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyList<NodeAnswer<T>>> Call<T>(Func<TService, CancellationToken, Task<T>> call, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var instances = _instances();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(deadline ?? FanOut.DefaultDeadline);
        var answers = await Task.WhenAll(instances.Select(instance => CallOneAsync(instance, call, end.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        return [.. answers.OrderBy(answer => answer.NodeId, StringComparer.Ordinal)];
    }

    /// <inheritdoc cref="Call{T}"/>
    public async Task<IReadOnlyList<NodeAnswer<object>>> Call(Func<TService, CancellationToken, Task> call, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return await Call<object>(
            async (service, token) =>
            {
                await call(service, token);
                return null!;
            },
            deadline,
            cancellationToken);
    }

    private async Task<NodeAnswer<T>> CallOneAsync<T>(ServiceInstance instance, Func<TService, CancellationToken, Task<T>> call, CancellationToken end)
    {
        var nodeId = instance.Node.NodeId;
        var started = Stopwatch.GetTimestamp();
        RpcError? error = null;
        instance.CallBegins(started);
        try
        {
            return new NodeAnswer<T>(nodeId, await call(_proxy.Get<TService>(nodeId), end).WaitAsync(end));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            error = CallFailure.NoAnswerInTime;
        }
        catch (Exception exception)
        {
            error = CallFailure.From(exception);
        }
        finally
        {
            instance.CallEnds(started, Stopwatch.GetTimestamp(), error);
        }

        return new NodeAnswer<T>(nodeId, Error: error);
    }
}
