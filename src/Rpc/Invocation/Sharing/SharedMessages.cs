using System.Collections.Concurrent;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation.Sharing;

/// <summary>
/// Lets calls to one service on another node share messages while many are made: what this process has begun by the time
/// that it comes round to sending goes together. Nothing waits for a timer or for more calls to come, and a call that is
/// made while no other is under way does not come here. Each has its own outcome, as soon as it is there.
/// </summary>
/// <param name="instance">The service.</param>
/// <param name="endpoint">Its door.</param>
internal sealed class SharedMessages(ServiceInstance instance, IServiceEndpoint endpoint) : IThreadPoolWorkItem
{
    // With fewer under way there is seldom another one to share a message with.
    private const int LeastUnderWay = 4;
    private const int MostCalls = 64;
    private const int MostBytes = 4 * 1024;

    private readonly ConcurrentQueue<SharedCall> _waiting = [];
    private int _isToBeSent;

    /// <summary>Whether a call may share a message: it is small, there are others, and its method usually ends where it begins, so that nobody is waited for.</summary>
    public bool Suit(CallCounter counter, RawJson parameters, long now) =>
        instance.Load.CallsInFlight >= LeastUnderWay && parameters.Utf8.Length <= MostBytes && counter.EndsAtOnce(now);

    /// <summary>Makes a call, which others may join.</summary>
    public ValueTask<CallOutcome> Invoke(CallCounter counter, string method, RawJson parameters, Caller? caller)
    {
        var call = SharedCall.Of(counter, method, parameters, caller);
        var outcome = call.Outcome;
        _waiting.Enqueue(call);
        if (Interlocked.Exchange(ref _isToBeSent, 1) == 0)
        {
            // Behind what the pool has to do already: the other requests that have come are among that.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return outcome;
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Before the queue is read: a call that is too late for this time asks for another one.
        Interlocked.Exchange(ref _isToBeSent, 0);
        var calls = new List<SharedCall>();
        while (_waiting.TryDequeue(out var call))
        {
            // A message is on behalf of one caller.
            if (calls.Count == MostCalls || (calls.Count > 0 && !ReferenceEquals(calls[0].Caller, call.Caller)))
            {
                _ = SendAsync([.. calls]);
                calls.Clear();
            }

            calls.Add(call);
        }

        if (calls.Count > 0)
        {
            _ = SendAsync([.. calls]);
        }
    }

    // Never fails: each of the calls gets the failure.
    private async Task SendAsync(SharedCall[] calls)
    {
        var answered = 0;
        try
        {
            if (calls is [var single])
            {
                single.End(await endpoint.Invoke(single.Method, single.Parameters, single.Caller), isLast: true);
                return;
            }

            var methods = Array.ConvertAll(calls, static call => call.Method);
            var parameters = Array.ConvertAll(calls, static call => call.Parameters);
            var outcome = await endpoint.InvokeShared(methods, new RawJsonList(parameters), calls[0].Caller);
            for (; answered < calls.Length; answered++)
            {
                if (outcome.Has(answered))
                {
                    calls[answered].End(outcome[answered], isLast: answered == calls.Length - 1);
                }
                else
                {
                    _ = AskAsync(calls[answered], outcome.Rest + answered);
                }
            }
        }
        catch (Exception exception)
        {
            Array.ForEach(calls[answered..], call => call.Fail(exception));
        }
    }

    // The method goes on: the next calls of it go by themselves for a while, so that each costs one message.
    private async Task AskAsync(SharedCall call, long number)
    {
        call.Counter.NoteThatItGoesOn();
        try
        {
            call.End((await endpoint.TakeRestAsync(number))[0], isLast: true);
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }
}
