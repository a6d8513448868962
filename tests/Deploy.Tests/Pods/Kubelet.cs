using k8s.Models;

namespace Orrery.Deploy.Tests.Pods;

/// <summary>Looks after one pod as its manifest says: by its probes, its hook before the end, and the time that it has for that.</summary>
internal sealed class Kubelet : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly LocalPod _pod;
    private readonly Task _probing;
    private volatile bool _isReady;
    private volatile bool _isTerminating;

    /// <summary>Begins to.</summary>
    /// <param name="pod">A pod that has just been started.</param>
    public Kubelet(LocalPod pod)
    {
        _pod = pod;
        _probing = ProbeAsync();
    }

    /// <summary>Whether calls are to be sent to the pod.</summary>
    public bool IsReady => _isReady && !_isTerminating;

    /// <summary>For what it would have restarted the pod; null while there was nothing.</summary>
    public string? Restart { get; private set; }

    private V1Container Container => _pod.Spec.Containers.Single();

    /// <summary>Waits until the pod is ready, and has stayed so for a time.</summary>
    public async Task AvailableAsync(TimeSpan time)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var since = TimeProvider.System.GetTimestamp();
        while (!IsReady || TimeProvider.System.GetElapsedTime(since) < time)
        {
            Assert.True(Restart is null, $"{_pod.Name} would be restarted: {Restart}\n{_pod.Process.Output}");
            since = IsReady ? since : TimeProvider.System.GetTimestamp();
            await tick.WaitForNextTickAsync(_end.Token);
        }
    }

    /// <summary>Ends the pod: it is not ready from now on, and what is left of its time after the hook it has to end by itself.</summary>
    public async Task TerminateAsync()
    {
        _isTerminating = true;
        var started = TimeProvider.System.GetTimestamp();
        if (Container.Lifecycle?.PreStop?.Sleep is { } hook)
        {
            using var sleep = new PeriodicTimer(TimeSpan.FromSeconds(hook.Seconds));
            await sleep.WaitForNextTickAsync(_end.Token);
        }

        _pod.Process.Terminate();
        var left = TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds!.Value) - TimeProvider.System.GetElapsedTime(started);
        Assert.True(await _pod.Process.ExitsAsync().WaitAsync(left, _end.Token) == 0, $"{_pod.Name} ended badly:\n{_pod.Process.Output}");
        await _end.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        await _pod.DisposeAsync();
    }

    private async Task ProbeAsync()
    {
        await AskAsync(Container.StartupProbe, () => { }, () => Restart ??= "it does not start", once: true);
        await Task.WhenAll(
            AskAsync(Container.LivenessProbe, () => { }, () => Restart ??= "it is not alive"),
            AskAsync(Container.ReadinessProbe, () => _isReady = true, () => _isReady = false));
    }

    // Asks again and again. That it failed is said when it has so many times after one another.
    private async Task AskAsync(V1Probe probe, Action passes, Action fails, bool once = false)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1) };
        using var period = new PeriodicTimer(TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10));
        var failures = 0;
        do
        {
            if (await PassesAsync(http, probe))
            {
                failures = 0;
                passes();
                if (once)
                {
                    return;
                }
            }
            else if (++failures == (probe.FailureThreshold ?? 3))
            {
                fails();
            }
        }
        while (await period.WaitForNextTickAsync(_end.Token));
    }

    private async Task<bool> PassesAsync(HttpClient http, V1Probe probe)
    {
        try
        {
            using var answer = await http.GetAsync(_pod.UrlOf(probe.HttpGet), _end.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !_end.IsCancellationRequested))
        {
            return false;
        }
    }
}
