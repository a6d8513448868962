using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orrery.Rpc.Invocation.Idempotency;

namespace Orrery.Rpc.Database;

/// <summary>Keeps the state of services: in the database when there is one, else in memory.</summary>
internal static class DatabaseHosting
{
    /// <summary>Adds the database that the configuration names; gives whether it names one.</summary>
    public static bool AddDatabase(this IHostApplicationBuilder builder)
    {
        if (DatabaseSettings.Read(builder.Configuration) is not { } settings)
        {
            return false;
        }

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<DatabaseSources>();
        // For services with tables of their own.
        builder.Services.AddSingleton(services => services.GetRequiredService<DatabaseSources>().State);
        builder.Services.AddHostedService<DatabaseWait>();
        builder.Services.AddSingleton<DatabaseWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DatabaseWatch>());
        builder.Services.AddHealthChecks().AddCheck<DatabaseWatch>("database");
        builder.Services.AddHostedService<KeyedCallCleanUp>();
        return true;
    }

    public static void AddState(this ISiloBuilder silo, bool inDatabase)
    {
        const string Name = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        silo.Services.AddOptions<AdoNetGrainStorageOptions>(Name).Configure<DatabaseSources>((storage, sources) =>
        {
            storage.Invariant = DatabaseSources.Invariant;
            storage.DataSource = sources.State;
            storage.GrainStorageSerializer = new StateSerializer();
            storage.HashPicker = new StateKeyHasher();
        });
        silo.Services.AddOptions<MemoryGrainStorageOptions>(Name).Configure(storage => storage.GrainStorageSerializer = new StateSerializer());
        silo.Services.AddGrainStorage(Name, (services, name) => new StateStorage(
            inDatabase ? AdoNetGrainStorageFactory.Create(services, name) : MemoryGrainStorageFactory.Create(services, name),
            services.GetRequiredService<IGrainContextAccessor>(),
            services.GetRequiredService<ILoggerFactory>()));
    }
}
