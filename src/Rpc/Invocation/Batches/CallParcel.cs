using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation.Batches;

/// <summary>
/// Calls that go to one service on one node in one message. Each is waited for by itself, and all are answered at once.
/// </summary>
/// <param name="instance">The service.</param>
internal sealed class CallParcel(ServiceInstance instance) : IValueTaskSource<CallOutcome>
{
    private readonly List<string> _methods = [];
    private readonly List<RawJson> _parameters = [];
    private readonly List<(Action<object?>? Continuation, object? State)> _waiting = [];
    private ParcelOutcome? _outcome;
    private ExceptionDispatchInfo? _failure;

    public ServiceInstance Instance => instance;

    /// <summary>Whether no more calls can be told apart.</summary>
    public bool IsFull => _waiting.Count == short.MaxValue;

    public ValueTask<CallOutcome> Add(string method, RawJson parameters)
    {
        _methods.Add(method);
        _parameters.Add(parameters);
        _waiting.Add(default);
        return new ValueTask<CallOutcome>(this, (short)(_waiting.Count - 1));
    }

    /// <summary>Sends the calls, and has those go on that wait for them. Never fails: each of those gets the failure.</summary>
    public async Task SendAsync(IGrainFactory grains, Caller? caller)
    {
        try
        {
            var endpoint = instance.Endpoint(grains);
            var outcome = _methods.Count == 1
                ? ParcelOutcome.Of([await endpoint.Invoke(_methods[0], _parameters[0], caller)])
                : await endpoint.InvokeMany([.. _methods], new RawJsonList([.. _parameters]), caller);
            GoOn(outcome);
            if (outcome.Rest != 0)
            {
                GoOn(await endpoint.TakeRestAsync(outcome.Rest));
            }
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            GoOn(outcome: null);
        }
    }

    CallOutcome IValueTaskSource<CallOutcome>.GetResult(short token)
    {
        if (!HasOutcome(token))
        {
            _failure!.Throw();
        }

        return _outcome![token];
    }

    ValueTaskSourceStatus IValueTaskSource<CallOutcome>.GetStatus(short token) =>
        HasOutcome(token) ? ValueTaskSourceStatus.Succeeded
        : _failure is not null ? ValueTaskSourceStatus.Faulted
        : ValueTaskSourceStatus.Pending;

    // Begun and sent by one thread, one after the other, so nobody can be answered meanwhile.
    void IValueTaskSource<CallOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiting[token] = (continuation, state);

    private bool HasOutcome(int index) => _outcome?.Has(index) is true;

    // Whoever goes on takes its outcome at once. The last first: whoever waits for all of them in order goes on once.
    private void GoOn(ParcelOutcome? outcome)
    {
        _outcome = outcome;
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (continuation, state) = _waiting[i];
            if (HasOutcome(i) || _failure is not null)
            {
                _waiting[i] = default;
                continuation?.Invoke(state);
            }
        }
    }
}
