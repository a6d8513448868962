using Microsoft.Extensions.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Rpc.Lifecycle;

/// <summary>Starts the services that start by themselves, each as soon as what it depends on runs somewhere.</summary>
internal sealed class AutoStart(LocalServices services, NodeRegistry registry) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(services.Hosts.Where(host => host.Description.AutoStart).Select(host => StartAsync(host, stoppingToken)));

    private async Task StartAsync(ServiceHost host, CancellationToken stoppingToken)
    {
        await registry.WaitUntilAsync(registry => registry.Current.MissingDependency(host.Description) is null, stoppingToken);
        await services.KeepStartingAsync(host);
    }
}
