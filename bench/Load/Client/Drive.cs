namespace Orrery.Load.Client;

/// <summary>How the calls of a row are made.</summary>
internal abstract class Drive
{
    /// <summary>Makes a call and looks at its answer.</summary>
    /// <exception cref="LoadException">It was not the expected one.</exception>
    public abstract Task TryAsync(CancellationToken cancellationToken);

    /// <summary>Makes calls for a while.</summary>
    public abstract Task<Traffic> RunAsync(TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Makes the calls that nobody measures.</summary>
    public virtual Task WarmUpAsync(TimeSpan duration, CancellationToken cancellationToken) => RunAsync(duration, cancellationToken);
}

/// <summary>What whoever made the calls saw; latencies in microseconds.</summary>
internal sealed record Traffic(long Calls, TimeSpan Elapsed, double P50, double P99)
{
    public double CallsPerSecond => Calls / Elapsed.TotalSeconds;
}
