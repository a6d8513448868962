using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;

namespace Orrery.Rpc.Invocation;

/// <summary>
/// Waits for a call for a while, without giving it up afterwards. Taken from a pool, with its timer, so that a call that is
/// answered in time costs no memory.
/// </summary>
/// <typeparam name="T">What the call comes to.</typeparam>
internal sealed class PatientWait<T> : IValueTaskSource<bool>
{
    private static readonly ObjectPool<PatientWait<T>> Pool = new DefaultObjectPool<PatientWait<T>>(new Fresh(), maximumRetained: 256);

    private readonly Action _onAnswered;
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private ValueTask<T> _call;
    private TaskCompletionSource<T>? _late;
    private long _until;
    // When the timer fires; 0 while it does not. It is left as it is when a call is answered: most of those that wait next
    // are answered too before it fires, so that it is set once in a while and not twice a call.
    private long _fires;
    // Odd while one waits; each wait has a number of its own, so that a timer that fires late does not end the next one.
    private int _turn;

    private PatientWait()
    {
        _onAnswered = OnAnswered;
        // What made the first call is none of the business of those to come.
        var flow = ExecutionContext.IsFlowSuppressed() ? (AsyncFlowControl?)null : ExecutionContext.SuppressFlow();
        _timer = TimeProvider.System.CreateTimer(static wait => ((PatientWait<T>)wait!).OnTimeUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        flow?.Undo();
    }

    /// <summary>What the call comes to, when it was not answered in time.</summary>
    public Task<T> LateResult => _late!.Task;

    /// <summary>Gets ready to wait for a call.</summary>
    public static PatientWait<T> For(in ValueTask<T> call)
    {
        var wait = Pool.Get();
        wait._call = call;
        return wait;
    }

    /// <summary>Whether the call is answered before the time is up: then <see cref="TakeResult"/> tells what it came to, else <see cref="LateResult"/> will.</summary>
    public ValueTask<bool> WaitAsync(TimeSpan time)
    {
        if (_call.IsCompleted)
        {
            return new(true);
        }

        _wait.Reset();
        var until = Environment.TickCount64 + Math.Max(1, (long)Math.Ceiling(time.TotalMilliseconds));
        Volatile.Write(ref _until, until);
        // Before the timer is looked at: one that fires now and finds nobody waiting has said so before it looked.
        Interlocked.Increment(ref _turn);
        if (Volatile.Read(ref _fires) is var fires && (fires == 0 || fires > until))
        {
            SetTimer(until, time);
        }

        _call.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onAnswered);
        return new(this, _wait.Version);
    }

    /// <summary>Gives what the call came to, or throws what it threw. Nothing may be asked afterwards.</summary>
    public T TakeResult()
    {
        var call = _call;
        _call = default;
        Pool.Return(this);
        return call.GetAwaiter().GetResult();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void OnAnswered()
    {
        var turn = Volatile.Read(ref _turn);
        if (turn % 2 != 0 && Interlocked.CompareExchange(ref _turn, turn + 1, turn) == turn)
        {
            _wait.SetResult(true);
            return;
        }

        // Never to the pool again: somebody has the task.
        try
        {
            _late!.SetResult(_call.GetAwaiter().GetResult());
        }
        catch (Exception exception)
        {
            _late!.SetException(exception);
        }
    }

    private void SetTimer(long until, TimeSpan time)
    {
        Volatile.Write(ref _fires, until);
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    private void OnTimeUp()
    {
        Interlocked.Exchange(ref _fires, 0);
        var turn = Volatile.Read(ref _turn);
        if (turn % 2 == 0)
        {
            return;
        }

        // It was set for a call before this one.
        var until = Volatile.Read(ref _until);
        if (until - Environment.TickCount64 is var left and > 0)
        {
            SetTimer(until, TimeSpan.FromMilliseconds(left));
            return;
        }

        Interlocked.CompareExchange(ref _late, new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), null);
        if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) == turn)
        {
            _wait.SetResult(false);
        }
    }

    private sealed class Fresh : PooledObjectPolicy<PatientWait<T>>
    {
        public override PatientWait<T> Create() => new();

        public override bool Return(PatientWait<T> obj) => true;
    }
}
