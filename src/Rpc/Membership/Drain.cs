using Orleans.Runtime;

namespace Orrery.Rpc.Membership;

/// <summary>
/// A node that stops goes on serving for a moment after it has said so: calls still come until the others have heard it.
/// After that Orleans lets the calls that run come to their end.
/// </summary>
internal sealed class Drain(IClusterMembershipService membership, ILocalSiloDetails local, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan SaidWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeardWithin = TimeSpan.FromMilliseconds(500);

    /// <summary>In the stage in which Orleans says it: what is in one stage runs side by side, and the next one waits for all.</summary>
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(Drain), ServiceLifecycleStage.BecomeActive, _ => Task.CompletedTask, ServeOnAsync);

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
}
