using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Gateway.Http;

/// <summary>
/// How a gateway leaves, before its node does, so that what it answers meanwhile can reach the cluster: (1) each connection
/// is closed after its next answer, and its client comes back or goes to another gateway; (2) connections are refused; (3)
/// those that are left get a moment to send what they have begun; (4) what is under way is answered, for as long as there is
/// time.
/// </summary>
internal sealed partial class GatewayDrain(
    Door door,
    IServer server,
    NodeRegistry registry,
    LocalNode local,
    IHostApplicationLifetime lifetime,
    IOptions<NodeOptions> node,
    IOptions<HostOptions> host,
    TimeProvider time,
    ILogger<GatewayDrain> logger) : IHostedLifecycleService, IStartupFilter
{
    private static readonly TimeSpan OthersTakeOver = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OnTheirWay = TimeSpan.FromMilliseconds(500);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // The rest of the time is the node's.
        using var late = new CancellationTokenSource(host.Value.ShutdownTimeout * 0.75, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await PartAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await using var cutOff = end.Token.Register(() => LogCutOff(local.NodeId, door.Connections));
        await server.StopAsync(end.Token);
    }

    /// <summary>Ahead of everything else that handles requests.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => context =>
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // In HTTP/1.1 the answer says so, in HTTP/2 the connection.
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }

            return following(context);
        });
        next(app);
    };

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PartAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(node.Value.StopAcceptingAfter ?? (OthersServe ? OthersTakeOver : TimeSpan.Zero), time, cancellationToken);
        await door.CloseAsync();
        await door.EmptyAsync(cancellationToken).WaitAsync(OnTheirWay, time, cancellationToken);
    }

    private bool OthersServe => registry.Nodes.Any(other => other.Status is NodeStatus.Alive && other.Url is not null && other.NodeId != local.NodeId);

    [LoggerMessage(LogLevel.Warning, "{NodeId} has no more time to stop, and cuts off the requests on {Count} connections")]
    private partial void LogCutOff(string nodeId, int count);
}
