using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orrery.Rpc.Database;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Membership;

/// <summary>Who is in the cluster, and how fast that is noticed. <c>docs/failures.md</c> has the reasons.</summary>
internal static class MembershipHosting
{
    public static void AddMembership(this ISiloBuilder silo, bool inDatabase)
    {
        if (inDatabase)
        {
            silo.UseAdoNetClustering(options => options.Configure<DatabaseSources>((clustering, sources) => (clustering.Invariant, clustering.DataSource) = (DatabaseSources.Invariant, sources.Membership)));
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, JoinTurn>();
        }
        else
        {
            silo.UseDevelopmentClustering(options => options.Configure<IOptions<NodeOptions>>((clustering, node) => clustering.PrimarySiloEndpoint = node.Value.Seed!));
        }

        // A hung node is out after MaxProbeTimeout x 3 (NumMissedProbesLimit); one that pauses for four seconds stays.
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
            options.NumMissedTableIAmAliveLimit = 7;
            options.DefunctSiloExpiration = TimeSpan.FromHours(1);
            options.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        });
        silo.Configure<ConnectionOptions>(options =>
        {
            options.ConnectionRetryDelay = TimeSpan.FromMilliseconds(200);
            options.OpenConnectionTimeout = TimeSpan.FromSeconds(2);
        });

        silo.Services.AddSingleton<IFatalErrorHandler, FatalErrorHandler>();
        silo.Services.AddSingleton<MembershipView>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, NodeIdClaim>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, CrashSweep>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, VersionCheck>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Drain>();
        silo.Services.AddSingleton<Burial>();
        silo.Services.AddSingleton<CrashWatch>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<CrashWatch>());
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<CrashWatch>((options, watch) =>
        {
            options.ConfigureSiloOutboundConnection(watch.WatchOutbound);
            options.ConfigureSiloInboundConnection(watch.WatchInbound);
        });
    }
}
