using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orrery.Rpc.Lifecycle;

namespace Orrery.Rpc.Membership;

/// <summary>
/// How a node leaves: (1) it tells the others at once, who send calls to its roles elsewhere; (2) when its web server, if it
/// has one, has answered, it announces its end in the membership, and serves on until the others have heard that; (3) Orleans
/// lets the calls that run come to their end, for as long as the host has time.
/// </summary>
internal sealed partial class Drain(
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    LocalServices services,
    IHostApplicationLifetime lifetime,
    IOptions<HostOptions> host,
    TimeProvider time,
    ILogger<Drain> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan SaidWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeardWithin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SayingTakes = TimeSpan.FromMilliseconds(200);

    private long _since;

    /// <summary>In the stages in which Orleans does it: what is in one stage runs side by side, and the next one waits for all.</summary>
    public void Participate(ISiloLifecycle observer)
    {
        lifetime.ApplicationStopping.Register(Leave);
        observer.Subscribe(nameof(Drain), ServiceLifecycleStage.BecomeActive, _ => Task.CompletedTask, ServeOnAsync);
        observer.Subscribe(nameof(Drain), ServiceLifecycleStage.GrainDeactivation, _ => Task.CompletedTask, FinishAsync);
    }

    private void Leave()
    {
        _since = time.GetTimestamp();
        LogLeaving(local.Name);
        services.Conditions.Leave();
    }

    private async Task ServeOnAsync(CancellationToken cancellationToken)
    {
        if (!membership.CurrentSnapshot.Members.Values.Any(member => member.Status is SiloStatus.Active && !member.SiloAddress.Equals(local.SiloAddress)))
        {
            return;
        }

        await SaidAsync(cancellationToken);
        await Task.Delay(HeardWithin, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // A busy database takes its time.
    private async Task SaidAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(SaidWithin, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(end.Token))
            {
                if (snapshot.GetSiloStatus(local.SiloAddress) is not SiloStatus.Active)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        var ended = Task.WhenAll(services.Hosts.Select(service => service.Ended));
        // A moment before Orleans gives up on them: afterwards nobody knows which they were.
        var patience = host.Value.ShutdownTimeout - time.GetElapsedTime(_since) - SayingTakes;
        await ended.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var unfinished = services.Hosts.Where(service => !service.Ended.IsCompleted).Select(service => service.Description.Name).Order(StringComparer.Ordinal).ToArray();
        if (unfinished.Length > 0)
        {
            LogCutOff(local.Name, unfinished.Length, string.Join(", ", unfinished));
        }
    }

    [LoggerMessage(LogLevel.Information, "{NodeId} was told to stop: it finishes its calls, and others go elsewhere")]
    private partial void LogLeaving(string nodeId);

    [LoggerMessage(LogLevel.Warning, "{NodeId} has no more time to stop, and cuts off the calls that {Count} of its services are in: {Services}")]
    private partial void LogCutOff(string nodeId, int count, string services);
}
