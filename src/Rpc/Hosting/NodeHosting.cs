using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.GrainReferences;
using Orleans.Hosting;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Placement;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Database;
using Orrery.Rpc.Health;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Invocation.Batches;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Membership;
using Orrery.Rpc.Placement;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;
using Orrery.Rpc.Telemetry;

namespace Orrery.Rpc.Hosting;

/// <summary>Makes a host a node.</summary>
public static class NodeHosting
{
    /// <summary>
    /// Makes the host a node of a cluster: an Orleans silo with the platform on it. Its settings are those of
    /// <see cref="NodeOptions"/>.
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="args">The program's arguments; see <see cref="NodeCommandLine"/>.</param>
    /// <param name="configure">Says what the node hosts, besides the assemblies of the folders in <c>Orrery:Services</c>.</param>
    /// <param name="defaults">What holds where nothing is set; by default the one role <c>worker</c>.</param>
    /// <exception cref="OptionsValidationException">An argument is unknown, or a service folder can't be loaded.</exception>
    public static IHostApplicationBuilder AddOrreryNode(this IHostApplicationBuilder builder, string[] args, Action<NodeBuilder>? configure = null, NodeDefaults? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddConfiguration(builder, args);

        builder.Services.AddSingleton(defaults ?? new NodeDefaults(["worker"]));
        builder.Services.AddSingleton<PortHolder>();
        builder.Services.AddHostedService<DangerousSettings>();
        builder.Services.AddSingleton<IConfigureOptions<NodeOptions>, NodeOptionsSetup>();
        var hasDatabase = builder.AddDatabase();
        if (!hasDatabase)
        {
            builder.Services.AddHostedService<SeedWait>();
        }

        builder.UseOrleans(silo =>
        {
            AddNode(silo);
            silo.AddMembership(hasDatabase);
            AddTls(silo, builder.Configuration);
            silo.AddState(hasDatabase);
            var node = new NodeBuilder(silo);
            configure?.Invoke(node);
            node.AddServices([.. new Settings(builder.Configuration).List("Services").SelectMany(ServiceFolder.Load)]);
            silo.Services.AddSingleton(new ContractReading(node.Assemblies));
            silo.Services.AddPlatform(node.Assemblies);
            AddServiceGrains(silo);
            AddLifecycle(silo, hasDatabase);
        });
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeRegistry>());
        builder.Services.AddHostedService<NodeMetrics>();
        builder.Services.AddHostedService<ConditionNews>();
        builder.Services.AddHostedService<AutoStart>();
        AddHealth(builder.Services);
        return builder;
    }

    internal static void AddConfiguration(IHostApplicationBuilder builder, string[] args)
    {
        LogDefaults.Add(builder.Configuration);
        var switches = NodeCommandLine.Read(args);
        if (switches.TryGetValue(HostDefaults.ContentRootKey, out var folder))
        {
            SettingsFile.Add(builder.Configuration, folder!);
        }

        builder.Configuration.AddInMemoryCollection(switches);
    }

    private static void AddHealth(IServiceCollection services)
    {
        services.AddSingleton<Pulse>();
        services.AddHostedService(provider => provider.GetRequiredService<Pulse>());
        services.AddHealthChecks()
            .AddCheck<Pulse>("pulse", tags: [HealthTags.Live])
            .AddCheck<ClusterHealth>("cluster")
            .AddCheck<CallHealth>("call")
            .AddCheck<ThreadPoolHealth>("thread_pool")
            .AddCheck<DiskHealth>("disk");
    }

    private static void AddNode(ISiloBuilder silo)
    {
        silo.Services.AddOptions<ClusterOptions>().Configure<IOptions<NodeOptions>>((cluster, node) => cluster.ClusterId = cluster.ServiceId = node.Value.ClusterId);
        silo.Services.AddOptions<SiloOptions>().Configure<IOptions<NodeOptions>>((options, node) => options.SiloName = node.Value.NodeId!);
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<NodeOptions>>((endpoint, node) =>
        {
            endpoint.AdvertisedIPAddress = node.Value.Address;
            endpoint.SiloPort = node.Value.SiloPort;
            endpoint.GatewayPort = node.Value.ClientPort;
        });

        silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = true);
    }

    // After the membership's own watch of the connections, which looks at them as they are on the wire.
    private static void AddTls(ISiloBuilder silo, IConfiguration configuration)
    {
        if (NodeTlsSettings.Read(configuration) is not { } settings)
        {
            return;
        }

        silo.Services.AddSingleton(settings);
        silo.Services.AddSingleton<NodeTls>();
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<NodeTls>((options, tls) =>
        {
            options.ConfigureSiloOutboundConnection(tls.Connect);
            options.ConfigureSiloInboundConnection(tls.Accept);
            options.ConfigureGatewayInboundConnection(tls.Accept);
        });
    }

    private static void AddServiceGrains(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(services => new LocalNode(services.GetRequiredService<IOptions<NodeOptions>>(), services.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton<ServiceCatalog>();
        silo.Services.AddSingleton<IPostConfigureOptions<GrainTypeOptions>>(services => services.GetRequiredService<ServiceCatalog>());
        silo.Services.AddSingleton<ServiceGrainTypes>();
        // Before Orleans' own, which would name the grain type after the class.
        silo.Services.Insert(0, ServiceDescriptor.Singleton<IGrainTypeProvider>(services => services.GetRequiredService<ServiceGrainTypes>()));
        silo.Services.AddSingleton<IGrainPropertiesProvider>(services => services.GetRequiredService<ServiceGrainTypes>());
        silo.Services.AddSingleton<IGrainPropertiesProvider, NodeCardWriter>();
        silo.Services.AddSingleton<IPlacementStrategyResolver, NodePlacementResolver>();
        silo.AddPlacementDirector<NodePlacement, NodePlacementDirector>();
        silo.Services.AddSingleton<NodeDirectory>();
        silo.Services.AddSingleton<IGrainDirectoryResolver, NodeDirectoryResolver>();
        silo.Services.AddSingleton<ServiceInvokers>();
        silo.Services.AddSingleton<ParcelRests>();
        silo.Services.AddSingleton(services => new CallLimit(services.GetRequiredService<IOptions<CallsOptions>>().Value.MaxRunning));
        silo.AddGrainExtension<IServiceEndpoint, ServiceEndpoint>();
    }

    private static void AddLifecycle(ISiloBuilder silo, bool hasDatabase)
    {
        silo.Services.AddSingleton(services => new StoppedServices(services, services.GetRequiredService<LocalNode>(), hasDatabase));
        silo.Services.AddSingleton(services => new LocalServices(
            services.GetRequiredService<ServiceCatalog>(),
            services.GetRequiredService<IOptions<GrainTypeOptions>>(),
            services.GetRequiredService<NodeRegistry>(),
            services.GetRequiredService<IGrainFactory>(),
            services.GetRequiredService<ILocalSiloDetails>(),
            services.GetRequiredService<StoppedServices>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<LocalServices>>()));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<LocalServices>());
        // Before Orleans' own, which makes the instances of those that have no other activator.
        silo.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureGrainTypeComponents, ServiceActivatorConfiguration>());
        silo.Services.AddScoped(services => services.GetRequiredService<LocalServices>().HealthOf(services.GetRequiredService<IGrainContext>()));
    }
}
