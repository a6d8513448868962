using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation.Sharing;

/// <summary>A call on its way in a message with others. Awaited once, by whoever makes it; then it is used for another call.</summary>
internal sealed class SharedCall : IValueTaskSource<CallOutcome>
{
    private static readonly ObjectPool<SharedCall> Pool = new DefaultObjectPool<SharedCall>(new DefaultPooledObjectPolicy<SharedCall>(), maximumRetained: 1024);

    // Whoever has an answer has those of others too, and must not run what comes after this one.
    private ManualResetValueTaskSourceCore<CallOutcome> _outcome = new() { RunContinuationsAsynchronously = true };

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

    public void End(CallOutcome outcome) => _outcome.SetResult(outcome);

    public void Fail(Exception exception) => _outcome.SetException(exception);

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
