using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Orrery.Rpc.Invocation;

/// <summary>
/// How many calls one service runs at once on this node. A few more wait their turn, and the rest are refused at once. All
/// of it happens on the service's own scheduler, a turn at a time, so nothing here is locked.
/// </summary>
internal sealed class ServiceGate(string service, string nodeId, int limit, int mostWaiting, CallLimit node)
{
    private const int LeastRetryAfterMs = 10;
    private const int MostRetryAfterMs = 1_000;

    // By the instance, which is all that a request knows of where it runs.
    private static readonly ConditionalWeakTable<object, ServiceGate> Gates = [];

    private readonly Queue<TaskCompletionSource> _waiting = [];
    private int _running;
    private long _lastLeft;
    private double _msBetweenLeaving;

    /// <summary>The gate of a service's instance; null for one whose calls are not counted.</summary>
    public static ServiceGate? Of(object instance) => Gates.TryGetValue(instance, out var gate) ? gate : null;

    /// <summary>Puts the gate before an instance.</summary>
    public void Guard(object instance) => Gates.Add(instance, this);

    /// <summary>Lets a call in when there is room and nobody waits.</summary>
    public bool TryEnter()
    {
        if (_running >= limit || !node.TryEnter())
        {
            return false;
        }

        if (++_running == limit)
        {
            _lastLeft = Stopwatch.GetTimestamp();
        }

        return true;
    }

    /// <summary>Waits for room; gives the error when too many wait already, or the node has no room.</summary>
    public ValueTask<RpcError?> EnterAsync()
    {
        return _running < limit || _waiting.Count >= mostWaiting ? new(Overloaded()) : WaitAsync();

        async ValueTask<RpcError?> WaitAsync()
        {
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            node.BeginToWait();
            await turn.Task;
            node.EndToWait();
            return null;
        }
    }

    /// <summary>A call has ended: its place goes to the one that has waited longest.</summary>
    public void Leave()
    {
        // Nobody asks for it while there is room.
        if (_running == limit)
        {
            var now = Stopwatch.GetTimestamp();
            _msBetweenLeaving += (Stopwatch.GetElapsedTime(_lastLeft, now).TotalMilliseconds - _msBetweenLeaving) / 16;
            _lastLeft = now;
        }

        if (_waiting.TryDequeue(out var next))
        {
            next.SetResult();
            return;
        }

        _running--;
        node.Leave();
    }

    // Whoever comes again when those that wait have had their turn will find room, if nobody else came.
    private RpcError Overloaded() => RpcError.NotExecuted(
        RpcErrorCode.Overloaded,
        RpcErrorReason.Overloaded,
        _running < limit ? $"The node '{nodeId}' runs as many calls as it may." : $"The service '{service}' runs as many calls on '{nodeId}' as it may.",
        retryable: true) with
    {
        RetryAfterMs = Math.Clamp((int)(_msBetweenLeaving * (_waiting.Count + 1)), LeastRetryAfterMs, MostRetryAfterMs),
    };
}
