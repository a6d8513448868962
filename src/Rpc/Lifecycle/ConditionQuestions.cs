using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>Keeps a program that is no node up to date on how services are: it asks one node, each second.</summary>
internal sealed partial class ConditionQuestions(NodeRegistry registry, IGrainFactory grains, TimeProvider time, ILogger<ConditionQuestions> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var nodes = registry.Nodes.Where(node => node.Status is NodeStatus.Alive).ToArray();
            if (nodes.Length > 0)
            {
                await AskAsync(nodes[Random.Shared.Next(nodes.Length)].NodeId, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task AskAsync(string nodeId, CancellationToken stoppingToken)
    {
        try
        {
            registry.Accept(await NodeCardGrain.Of(grains, nodeId).Ask().AsTask().WaitAsync(stoppingToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotAnswered(nodeId, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{NodeId} did not say how the services of the cluster are: {Problem}")]
    private partial void LogNotAnswered(string nodeId, string problem);
}
