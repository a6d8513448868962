namespace Orrery.Rpc.Invocation;

/// <summary>
/// Says something of all calls that are made until it is disposed of, typed, by address and dynamic ones: how long they may
/// take together, and where to note how their outcomes came about. The time that is left goes with them, and on with the
/// calls that they make in turn.
/// </summary>
public sealed class CallScope : IDisposable
{
    private readonly CallContext? _outer;
    private readonly CallContext _context;
    private readonly CancellationTokenSource _end;

    private CallScope(TimeSpan? timeout, CallTrace? trace, CancellationToken cancellationToken)
    {
        _outer = CallContext.Current;
        var own = timeout is { } time ? CallClock.Now + (long)Math.Ceiling(time.TotalMilliseconds) : long.MaxValue;
        var deadline = Math.Min(own, _outer?.Deadline ?? long.MaxValue);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _outer?.CancellationToken ?? CancellationToken.None);
        if (deadline < long.MaxValue)
        {
            _end.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(0, deadline - CallClock.Now)));
        }

        _context = new CallContext(deadline, _end.Token, trace ?? _outer?.Trace, _outer?.Caller) { Method = _outer?.Method }.Enter();
    }

    /// <summary>How much time the code that asks has left to answer its caller; null when it is part of no call.</summary>
    public static TimeSpan? Remaining => CallContext.Current is { Deadline: < long.MaxValue } current
        ? TimeSpan.FromMilliseconds(Math.Max(0, current.Deadline - CallClock.Now))
        : null;

    /// <summary>Cancelled when the time is up, and when the token is that <see cref="Begin"/> got.</summary>
    public CancellationToken CancellationToken => _end.Token;

    /// <summary>Begins a scope. It ends when it is disposed of, in the method that began it.</summary>
    /// <param name="timeout">How long the calls may take together; null for as long as each may take. It never adds to the time that a scope around it leaves.</param>
    /// <param name="trace">Notes each attempt of the calls.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
    public static CallScope Begin(TimeSpan? timeout = null, CallTrace? trace = null, CancellationToken cancellationToken = default) => new(timeout, trace, cancellationToken);

    /// <summary>Ends the scope.</summary>
    public void Dispose()
    {
        CallContext.Restore(_outer);
        _context.End();
        _end.Dispose();
    }
}
