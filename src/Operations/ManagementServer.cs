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
internal sealed partial class ManagementServer(IReadOnlyList<string> urls, IServiceProvider node, ILoggerFactory loggers, ILogger<ManagementServer> logger) : IHostedLifecycleService, IAsyncDisposable
{
    private const string Health = "/health";
    private const string Metrics = "/metrics";

    private WebApplication? _app;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var url in urls)
        {
            _app = Build(url);
            try
            {
                await _app.StartAsync(cancellationToken);
                return;
            }
            catch (IOException exception) when (exception.InnerException is AddressInUseException && url != urls[^1])
            {
                // Another node has taken it since it was seen to be free.
                await _app.DisposeAsync();
            }
        }
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

    private WebApplication Build(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls(url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var app = builder.Build();
        HealthPage.MapHealth(app, node, Health);
        if (node.GetService<MeterProvider>() is { } meters)
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, predicate: null, path: Metrics, configureBranchedPipeline: null, optionsName: null);
        }

        return app;
    }

    [LoggerMessage(LogLevel.Information, "{NodeId} tells how it is at {Url}/health and {Url}/metrics")]
    private partial void LogListening(string nodeId, string url);
}
