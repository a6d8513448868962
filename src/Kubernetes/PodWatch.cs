using System.Net;
using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orrery.Rpc.Membership;
using Orrery.Rpc.Registry;

namespace Orrery.Kubernetes;

/// <summary>
/// Takes nodes whose pods are gone out of the cluster: also one that only hangs, or whose machine is lost, where no
/// connection ends. The three nodes that have run longest do it for all.
/// </summary>
/// <remarks>
/// Nobody is taken for gone unless the API, asked for the pod by its name, says that it is not there, that it has ended, or
/// that it has another address: a pod of the same name that came later. And nobody at all while this node does not see its
/// own pod.
/// </remarks>
internal sealed partial class PodWatch(
    KubernetesSettings settings,
    PodMark mark,
    NodeRegistry registry,
    Burial burial,
    ILocalSiloDetails local,
    TimeProvider time,
    ILogger<PodWatch> logger) : BackgroundService
{
    private const int Watchers = 3;
    private const int AskedAtOnce = 8;
    private const int LongestPause = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly Pods _pods = new();
    private int _failures;
    private CancellationToken _stopping;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!mark.Watches)
        {
            LogNoAccess(local.Name);
            return;
        }

        _stopping = stoppingToken;
        while (true)
        {
            await registry.WaitUntilAsync(_ => IsChosen(), stoppingToken);
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            LogTakesTurn(local.Name, settings.Namespace);
            var watching = WatchAsync(turn.Token);
            await registry.WaitUntilAsync(_ => !IsChosen(), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await turn.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // All would be a load on the API, and one alone may be lost with the node that it is to look after.
    private bool IsChosen()
    {
        var candidates = registry.Current.Entries.Where(entry => entry.Status is NodeStatus.Alive && entry.Card?.Pod == mark).ToArray();
        return candidates.FirstOrDefault(IsLocal) is { } own && candidates.Count(entry => Seniority(entry).CompareTo(Seniority(own)) < 0) < Watchers;
    }

    private static (DateTimeOffset StartedAt, string NodeId) Seniority(NodeEntry entry) => (entry.Card!.StartedAt, entry.NodeId);

    private bool IsLocal(NodeEntry entry) => entry.Silo.Equals(local.SiloAddress);

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await FollowAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // A connection ends now and then, and the next one is at hand.
                if (++_failures == 2)
                {
                    LogAway(settings.Api!, Problem(exception));
                }
            }

            var pause = FirstPause * (1 << Math.Min(_failures, LongestPause));
            await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var api = new PodApi(settings, time);
        var (pods, version) = await api.ListAsync(cancellationToken);
        _pods.Replace(pods);
        await JudgeAsync(api, cancellationToken);
        while (true)
        {
            await foreach (var change in api.WatchAsync(version, cancellationToken))
            {
                version = change.Version;
                NoteSuccess();
                await TakeInAsync(api, change.Type, change.Pod, cancellationToken);
            }

            // Sent away after its time: nothing is missed from where it was.
            NoteSuccess();
            await JudgeAsync(api, cancellationToken);
        }
    }

    private async Task TakeInAsync(PodApi api, WatchEventType type, Pod? pod, CancellationToken cancellationToken)
    {
        if (pod is null)
        {
            return;
        }

        if (type is not WatchEventType.Deleted)
        {
            _pods.Put(pod);
            await JudgeAsync(api, cancellationToken);
            return;
        }

        _pods.End(pod);
        await JudgeAsync(api, cancellationToken);
        _pods.Forget(pod);
    }

    private async Task JudgeAsync(PodApi api, CancellationToken cancellationToken)
    {
        if (!_pods.MayHold(local.Name, local.SiloAddress.Endpoint.Address))
        {
            throw new InvalidDataException($"among the pods with the label {PodApi.Selector} in the namespace {settings.Namespace} it does not name this node's own, {local.Name} at {local.SiloAddress.Endpoint.Address}");
        }

        var suspects = registry.Current.Entries.Where(entry => entry.Card?.Pod?.Namespace == settings.Namespace && entry.Status is not NodeStatus.Dead && !IsLocal(entry) && !MayBeThere(entry)).ToArray();
        await Parallel.ForEachAsync(
            suspects,
            new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken },
            async (suspect, cancellation) =>
            {
                if (await api.FindAsync(suspect.NodeId, cancellation) is { } pod)
                {
                    _pods.Put(pod);
                }

                if (!MayBeThere(suspect))
                {
                    _ = BuryAsync(suspect);
                }
            });
    }

    private bool MayBeThere(NodeEntry entry) => _pods.MayHold(entry.NodeId, entry.Silo.Endpoint.Address);

    private async Task BuryAsync(NodeEntry node)
    {
        try
        {
            await burial.BuryAsync(node.Silo, $"the pod {node.NodeId} is not there any more", _stopping);
        }
        catch (OperationCanceledException)
        {
            // This node stops.
        }
        catch (Exception exception)
        {
            LogFailed(exception, node.NodeId);
        }
    }

    private void NoteSuccess()
    {
        if (_failures >= 2)
        {
            LogBack(settings.Api!);
        }

        _failures = 0;
    }

    private static string Problem(Exception exception) => exception switch
    {
        HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden } => "it forbids it. The pod's service account needs a Role with get, list and watch of pods",
        HttpOperationException { Response.StatusCode: HttpStatusCode.Unauthorized } => "it does not take the token of the pod's service account",
        HttpOperationException { Response.StatusCode: var status } => $"it answers {(int)status} {status}",
        OperationCanceledException => "it does not answer",
        _ => exception.GetBaseException().Message.TrimEnd('.'),
    };

    [LoggerMessage(LogLevel.Information, "{NodeId} has no access to the Kubernetes API (no address, or no token of a service account): it leaves watching the pods to nodes that have")]
    private partial void LogNoAccess(string nodeId);

    [LoggerMessage(LogLevel.Information, "{NodeId} watches the pods in the namespace {Namespace}")]
    private partial void LogTakesTurn(string nodeId, string @namespace);

    [LoggerMessage(LogLevel.Warning, "Can't watch the pods by the Kubernetes API at {Api}, and goes on trying: {Problem}. Nodes that are lost are noticed by probes, a few seconds later")]
    private partial void LogAway(Uri api, string problem);

    [LoggerMessage(LogLevel.Information, "Watches the pods by the Kubernetes API at {Api} again")]
    private partial void LogBack(Uri api);

    [LoggerMessage(LogLevel.Error, "Could not take node {NodeId} out of the cluster")]
    private partial void LogFailed(Exception exception, string nodeId);
}
