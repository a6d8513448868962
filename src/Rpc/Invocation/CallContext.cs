using Orrery.Rpc.Security;

namespace Orrery.Rpc.Invocation;

/// <summary>What the code that runs is part of: calls that it makes have no more time than it has itself.</summary>
/// <param name="deadline">When the time is up, by <see cref="CallClock"/>.</param>
/// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
/// <param name="trace">Notes the attempts of the calls; null when nobody asks.</param>
/// <param name="caller">Who outside the cluster it is for; null for nobody.</param>
internal sealed class CallContext(long deadline, CancellationToken cancellationToken, CallTrace? trace = null, Caller? caller = null)
{
    private static readonly AsyncLocal<CallContext?> Ambient = new();
    private volatile bool _isOver;

    /// <summary>The call that this code is part of. Null outside of one, and in what goes on after it has ended.</summary>
    public static CallContext? Current => Ambient.Value is { _isOver: false } current ? current : null;

    public long Deadline { get; } = deadline;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public CallTrace? Trace { get; } = trace;

    public Caller? Caller { get; set; } = caller;

    /// <summary>The service and the method that run; null while that is not known, and where none does.</summary>
    public string? Method { get; set; }

    /// <summary>Makes this the context of the code that follows, until the async method that it is in returns.</summary>
    public CallContext Enter()
    {
        Ambient.Value = this;
        return this;
    }

    /// <summary>What the call has started and not awaited goes on without its deadline.</summary>
    public void End() => _isOver = true;

    /// <summary>Puts another context, or none, in the place of this one.</summary>
    public static void Restore(CallContext? context) => Ambient.Value = context;
}
