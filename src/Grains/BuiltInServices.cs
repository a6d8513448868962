using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orrery.Grains.MetricsDashboard;
using Orrery.Rpc.Hosting;

namespace Orrery.Grains;

/// <summary>The services that every cluster has.</summary>
public static class BuiltInServices
{
    /// <summary>Adds them to a node, with the settings that they read.</summary>
    public static NodeBuilder AddBuiltInServices(this NodeBuilder node)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.Silo.Services.AddSingleton<MetricsOptionsSetup>();
        node.Silo.Services.AddSingleton<IConfigureOptions<MetricsOptions>>(services => services.GetRequiredService<MetricsOptionsSetup>());
        node.Silo.Services.AddSingleton<IValidateOptions<MetricsOptions>>(services => services.GetRequiredService<MetricsOptionsSetup>());
        node.Silo.Services.AddOptions<MetricsOptions>().ValidateOnStart();
        return node.AddServices(typeof(BuiltInServices).Assembly);
    }
}
