using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>
/// Tells every other node how the services of this one are, as soon as that changes or the other node appears, and until
/// it has heard it. While all is well there is nothing to tell, and no traffic.
/// </summary>
internal sealed partial class ConditionNews(LocalServices services, NodeRegistry registry, IGrainFactory grains, ILocalSiloDetails local, TimeProvider time, ILogger<ConditionNews> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HearingTakes = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private static readonly Telling Nothing = new(0, Task.FromResult(0L));

    private readonly Dictionary<SiloAddress, Telling> _tellings = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var change = registry.NextChange;
            TellAll(services.Conditions.Current.Version, stoppingToken);
            await change.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void TellAll(long version, CancellationToken stoppingToken)
    {
        var others = registry.Current.Entries.Where(entry => entry.Status is NodeStatus.Alive && !entry.Silo.Equals(local.SiloAddress)).ToArray();
        foreach (var gone in _tellings.Keys.Except(others.Select(other => other.Silo)).ToArray())
        {
            _tellings.Remove(gone);
        }

        var isNews = false;
        foreach (var other in others)
        {
            var earlier = _tellings.GetValueOrDefault(other.Silo, Nothing);
            if (earlier.Version < version)
            {
                isNews = true;
                _tellings[other.Silo] = new Telling(version, TellAsync(other, earlier.Told, stoppingToken));
            }
        }

        if (isNews || others.Length == 0)
        {
            _ = HearAsync(version);
        }
    }

    private async Task HearAsync(long version)
    {
        await Task.WhenAll(_tellings.Values.Select(telling => telling.Told));
        services.Conditions.Heard(version);
    }

    // Again and again until the node has heard the latest, or is gone. Gives the version that it has heard.
    private async Task<long> TellAsync(NodeEntry other, Task<long> earlier, CancellationToken stoppingToken)
    {
        var told = await earlier;
        var pause = FirstRetry;
        while (told < services.Conditions.Current.Version && other.Status is NodeStatus.Alive && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                var news = services.Conditions.Current;
                // What was lost on the way is told again, long before Orleans gives it up.
                await NodeCardGrain.Of(grains, other.NodeId).Tell(news).AsTask().WaitAsync(HearingTakes, time, stoppingToken);
                told = news.Version;
            }
            catch (Exception exception)
            {
                LogNotTold(other.NodeId, exception.Message);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LastRetry ? pause * 2 : LastRetry;
            }
        }

        return told;
    }

    [LoggerMessage(LogLevel.Debug, "{NodeId} could not be told how the services of this node are: {Problem}")]
    private partial void LogNotTold(string nodeId, string problem);

    private sealed record Telling(long Version, Task<long> Told);
}
