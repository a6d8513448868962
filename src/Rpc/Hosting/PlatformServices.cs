using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.GrainReferences;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;
using Orrery.Rpc.Database;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Idempotency;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Hosting;

/// <summary>What a node and a client program have in common: the registry, the routing and the proxy.</summary>
internal static class PlatformServices
{
    public static void AddPlatform(this IServiceCollection services, IReadOnlyCollection<Assembly> assemblies)
    {
        services.AddSerializer(serializer =>
        {
            foreach (var assembly in assemblies.Append(typeof(IService).Assembly))
            {
                serializer.AddAssembly(assembly);
            }

            serializer.AddJsonSerializer(IsContractData, WireJson.Options);
            serializer.Services.AddSingleton<IGeneralizedCodec, CollectionExpressionCodec>();
            serializer.Services.AddSingleton<IGeneralizedCopier, CollectionExpressionCodec>();
        });

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<RoutingOptions>().Configure<IConfiguration>((options, configuration) =>
        {
            if (new Settings(configuration).List("StableRoles") is { Count: > 0 } roles)
            {
                options.StableRoles = roles;
            }
        });
        services.AddOptions<CallsOptions>()
            .BindConfiguration(CallsOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<CallLog>();
        services.AddSingleton(provider => new NodeRegistry(
            provider.GetRequiredService<IClusterManifestProvider>(),
            provider.GetService<IClusterMembershipService>(),
            provider.GetService<LocalNode>(),
            provider.GetRequiredService<IOptions<RoutingOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<NodeRegistry>>()));
        services.AddSingleton(provider => new CallStatistics(provider.GetRequiredService<NodeRegistry>()));
        services.AddSingleton<Router>();
        services.AddSingleton<Failover>();
        services.AddSingleton(provider => new CallInvoker(
            provider.GetRequiredService<Router>(),
            provider.GetRequiredService<Failover>(),
            new CallLimit(provider.GetRequiredService<IOptions<CallsOptions>>().Value.MaxFromOutside),
            new KeyedCalls(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<Failover>(), provider.GetService<DatabaseSettings>() is not null),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<CallStatistics>(),
            provider.GetRequiredService<CallLog>(),
            provider.GetServices<IOutgoingGrainCallFilter>(),
            provider.GetRequiredService<ILogger<CallInvoker>>()));
        services.AddSingleton(provider => new Proxy(
            provider.GetRequiredService<CallInvoker>(),
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<NodeRegistry>(),
            provider.GetRequiredService<Router>()));
        // Before Orleans' own, which makes a reference for any key.
        services.Insert(0, ServiceDescriptor.Singleton<IGrainReferenceActivatorProvider, RoutedReferences>());
    }

    // Data types of service contracts travel as JSON unless their author gave them a serializer: a record needs no
    // attribute to be a parameter.
    private static bool IsContractData(Type type) =>
        !typeof(Exception).IsAssignableFrom(type)
        && !typeof(IAddressable).IsAssignableFrom(type)
        && !typeof(Delegate).IsAssignableFrom(type)
        && !CollectionExpressionCodec.IsCollectionExpression(type)
        && (type.Assembly == typeof(IService).Assembly || RefersToPlatform(type.Assembly));

    private static bool RefersToPlatform(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Any(reference => reference.Name == typeof(IService).Assembly.GetName().Name);
}
