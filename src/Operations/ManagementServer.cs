using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Orrery.Operations.Health;
using Orrery.Rpc;

namespace Orrery.Operations;

/// <summary>
/// A web server of its own for <c>/health</c> and <c>/metrics</c>: it answers before the node has started, while it drains,
/// and when the one for calls has more to do than it can, or asks for certificates.
/// </summary>
internal sealed partial class ManagementServer(string url, IServiceProvider node, ILoggerFactory loggers, ILogger<ManagementServer> logger) : IHostedLifecycleService, IAsyncDisposable
{
    private const string Health = "/health";
    private const string Metrics = "/metrics";

    private WebApplication? _app;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls(url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        _app = builder.Build();
        HealthPage.MapHealth(_app, node, Health);
        if (node.GetService<MeterProvider>() is { } meters)
        {
            _app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, predicate: null, path: Metrics, configureBranchedPipeline: null, optionsName: null);
        }

        await _app.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var address in _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
        {
            LogListening(node.GetRequiredService<LocalNode>().NodeId, address);
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await _app!.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [LoggerMessage(LogLevel.Information, "{NodeId} tells how it is at {Url}/health and {Url}/metrics")]
    private partial void LogListening(string nodeId, string url);
}
