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
        node.Silo.Services.AddOptions<MetricsOptions>()
            .BindConfiguration(MetricsOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        node.Silo.Services.AddSingleton<IValidateOptions<MetricsOptions>, MetricsOptionsRules>();
        return node.AddServices(typeof(BuiltInServices).Assembly);
    }
}
