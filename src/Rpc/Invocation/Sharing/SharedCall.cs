using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation.Sharing;

/// <summary>A call on its way in a message with others. Awaited once, by whoever makes it; then it is used for another call.</summary>
internal sealed class SharedCall : IValueTaskSource<CallOutcome>
{
    private static readonly ObjectPool<SharedCall> Pool = new DefaultObjectPool<SharedCall>(new DefaultPooledObjectPolicy<SharedCall>(), maximumRetained: 1024);

    private ManualResetValueTaskSourceCore<CallOutcome> _outcome;

    /// <summary>Counts the calls of the method on the node.</summary>
    public CallCounter Counter { get; private set; } = null!;

    /// <summary>The method's name.</summary>
    public string Method { get; private set; } = "";

    public RawJson Parameters { get; private set; }

    public Caller? Caller { get; private set; }

    public ValueTask<CallOutcome> Outcome => new(this, _outcome.Version);

    public static SharedCall Of(CallCounter counter, string method, RawJson parameters, Caller? caller)
    {
        var call = Pool.Get();
        (call.Counter, call.Method, call.Parameters, call.Caller) = (counter, method, parameters, caller);
        return call;
    }

    /// <summary>Ends the call.</summary>
    /// <param name="outcome">What it came to.</param>
    /// <param name="isLast">Whether whoever says so has nothing else to do: then what comes after the call runs here and now.</param>
    public void End(CallOutcome outcome, bool isLast)
    {
        _outcome.RunContinuationsAsynchronously = !isLast;
        _outcome.SetResult(outcome);
    }

    public void Fail(Exception exception)
    {
        _outcome.RunContinuationsAsynchronously = true;
        _outcome.SetException(exception);
    }

    CallOutcome IValueTaskSource<CallOutcome>.GetResult(short token)
    {
        try
        {
            return _outcome.GetResult(token);
        }
        finally
        {
            _outcome.Reset();
            (Counter, Parameters, Caller) = (null!, default, null);
            Pool.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<CallOutcome>.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource<CallOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);
}
