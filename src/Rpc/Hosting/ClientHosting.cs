using System.Net;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orrery.Rpc.Database;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Hosting;

/// <summary>Gives a program that is no node the proxy and the registry.</summary>
public static class ClientHosting
{
    private static readonly IPEndPoint DefaultNode = new(IPAddress.Loopback, 30000);

    /// <summary>
    /// Connects the program to a cluster without making it a member. Its settings are <c>Orrery:ClusterId</c>, and where
    /// to find nodes: the database of the cluster in <c>ConnectionStrings:Orrery</c>, or in <c>Orrery:Nodes</c> the client
    /// addresses of one or more nodes (127.0.0.1:30000 by default).
    /// </summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="contracts">The assemblies with the contracts for typed calls.</param>
    public static IHostApplicationBuilder AddOrreryClient(this IHostApplicationBuilder builder, params Assembly[] contracts)
    {
        ArgumentNullException.ThrowIfNull(builder);
        LogDefaults.Add(builder.Configuration);
        var database = DatabaseSettings.Read(builder.Configuration);
        builder.UseOrleansClient(client =>
        {
            var clusterId = new Settings(builder.Configuration).Text("ClusterId") ?? new NodeOptions().ClusterId;
            if (database is null)
            {
                client.UseStaticClustering(Nodes(builder.Configuration));
            }
            else
            {
                client.Services.AddSingleton(new DatabaseSources(database));
                client.UseAdoNetClustering(options => options.Configure<DatabaseSources>((clustering, sources) => (clustering.Invariant, clustering.DataSource) = (DatabaseSources.Invariant, sources.Membership)));
            }

            client.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = clusterId);
            client.UseConnectionRetryFilter<ClusterWait>();
            if (NodeTlsSettings.Read(builder.Configuration) is { } tls)
            {
                client.Services.AddSingleton(tls);
                client.Services.AddSingleton<NodeTls>();
                client.Services.AddOptions<ClientConnectionOptions>().Configure<NodeTls>((options, nodes) => options.ConfigureConnection(nodes.Connect));
            }

            // A client learns of nodes by asking; the default of a minute is too long to notice one that is gone.
            client.Configure<TypeManagementOptions>(options => options.TypeMapRefreshInterval = TimeSpan.FromSeconds(1));
            client.Services.AddPlatform(contracts);
        });
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeRegistry>());
        builder.Services.AddHostedService<ConditionQuestions>();
        return builder;
    }

    private static IPEndPoint[] Nodes(IConfiguration configuration)
    {
        var texts = new Settings(configuration).List("Nodes");
        return texts.Count == 0 ? [DefaultNode] : [.. texts.Select(EndPoint)];

        static IPEndPoint EndPoint(string text) => IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port > 0
            ? endPoint
            : throw new OptionsValidationException("Orrery:Nodes", typeof(ClientHosting), [$"Orrery:Nodes: '{text}' is not an address with a port. Write it like 127.0.0.1:30000, in appsettings.json or as the environment variable Orrery__Nodes."]);
    }
}
