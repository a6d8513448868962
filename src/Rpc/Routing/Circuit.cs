using Polly;
using Polly.CircuitBreaker;

namespace Orrery.Rpc.Routing;

/// <summary>
/// Leaves a service on a node alone for a while when calls to it fail in ways that say that the node is ill. It comes into
/// being with the first such failure and is asked again only while there may be more: calls to a node that is well pay a
/// comparison.
/// </summary>
internal sealed class Circuit(TimeProvider time)
{
    private const int LeastCalls = 10;
    private static readonly TimeSpan Sampled = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestBreak = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromSeconds(30);
    private static readonly RpcException Ill = new("A call failed in a way that says that the node is ill.");

    private readonly Lock _creation = new();
    private readonly CircuitBreakerStateProvider _state = new();
    private volatile ResiliencePipeline? _breaker;
    private long _watchedUntil;
    private long _openUntil;

    /// <summary>Whether calls stay away.</summary>
    /// <param name="callsInFlight">The calls to it that are not answered yet: when it may be well again, one of them shall tell.</param>
    public bool IsOpen(int callsInFlight) => _breaker is not null && State switch
    {
        CircuitState.Closed => false,
        CircuitState.HalfOpen => callsInFlight > 0,
        _ => true,
    };

    /// <summary>How the circuit is, as the registry shows it.</summary>
    public CircuitState State => _breaker is null || _state.CircuitState is Polly.CircuitBreaker.CircuitState.Closed
        ? CircuitState.Closed
        : time.GetTimestamp() < Volatile.Read(ref _openUntil) ? CircuitState.Open : CircuitState.HalfOpen;

    /// <summary>In how many milliseconds a call is let through again.</summary>
    public int OpenForMs => (int)Math.Max(1, time.GetElapsedTime(time.GetTimestamp(), Volatile.Read(ref _openUntil)).TotalMilliseconds);

    /// <summary>Takes note of what a call came to.</summary>
    /// <param name="isIll">Whether it says that the node is ill.</param>
    public void Note(bool isIll)
    {
        if (isIll)
        {
            Volatile.Write(ref _watchedUntil, time.GetTimestamp() + (long)((Sampled + LongestBreak).TotalSeconds * time.TimestampFrequency));
            Report(_breaker ?? Create(), Ill);
        }
        else if (_breaker is { } breaker && time.GetTimestamp() < Volatile.Read(ref _watchedUntil))
        {
            Report(breaker, null);
        }
    }

    // The breaker only sees outcomes: the call itself is over.
    private static void Report(ResiliencePipeline breaker, RpcException? outcome)
    {
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        try
        {
            _ = breaker.ExecuteOutcomeAsync(
                static (_, outcome) => new ValueTask<Outcome<bool>>(outcome is null ? Outcome.FromResult(true) : Outcome.FromException<bool>(outcome)),
                context,
                outcome).AsTask();
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline Create()
    {
        // One only: a second one would not get the state.
        lock (_creation)
        {
            return _breaker ??= Build();
        }
    }

    private ResiliencePipeline Build() => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.5,
            MinimumThroughput = LeastCalls,
            SamplingDuration = Sampled,
            BreakDurationGenerator = arguments => new(Open(arguments.HalfOpenAttempts)),
            StateProvider = _state,
            ShouldHandle = static arguments => new(arguments.Outcome.Exception is not null),
        })
        .Build();

    // Twice as long after each probe that failed.
    private TimeSpan Open(int failedProbes)
    {
        var pause = TimeSpan.FromTicks(Math.Min(LongestBreak.Ticks, ShortestBreak.Ticks << Math.Min(failedProbes, 5)));
        Volatile.Write(ref _openUntil, time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency));
        return pause;
    }
}

/// <summary>Whether calls are sent to a service on a node, as the node that was asked sees it.</summary>
public enum CircuitState
{
    /// <summary>They are.</summary>
    Closed,

    /// <summary>One is, to see how the node is.</summary>
    HalfOpen,

    /// <summary>They stay away: too many failed.</summary>
    Open,
}
