using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Registry;

namespace Orrery.Kubernetes;

/// <summary>Makes a node at home in Kubernetes.</summary>
public static class KubernetesHosting
{
    /// <summary>
    /// Takes nodes whose pods are gone out of the cluster, where <c>Orrery:Kubernetes:Namespace</c> says that this node is a
    /// pod. Its name is to be the node's id, and its IP address the node's address. Without the key nothing is done.
    /// </summary>
    /// <param name="builder">The builder of a host that is a node.</param>
    /// <exception cref="OptionsValidationException">A setting can't be used.</exception>
    public static IHostApplicationBuilder AddOrreryKubernetes(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (KubernetesSettings.Read(builder.Configuration) is { } settings)
        {
            builder.Services.AddSingleton(settings);
            builder.Services.AddSingleton(new PodMark(settings.Namespace, Watches: settings.Api is not null));
            builder.Services.AddHostedService<PodWatch>();
        }

        return builder;
    }
}
