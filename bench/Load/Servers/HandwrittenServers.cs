using System.Net;
using Orleans.Configuration;
using Orrery.Load.Client;
using Orrery.Load.Handwritten;

namespace Orrery.Load.Servers;

/// <summary>The rivals: a JSON-RPC endpoint written for one method by somebody who wants it fast.</summary>
internal static class HandwrittenServers
{
    public static WebApplication WithGrain(string[] args) => CallsGrain(args, hostsGrain: true);

    public static WebApplication WithoutGrain(string[] args) => CallsGrain(args, hostsGrain: false);

    public static WebApplication Worker(string[] args) => Build(args, builder => AddSilo(builder, hostsGrain: true));

    public static WebApplication Bare(string[] args)
    {
        var app = Build(args, builder => builder.WebHost.UseKestrelHttpsConfiguration());
        app.MapPost("/rpc", new SayEndpoint((text, n) => new(new Answer(text, n + 1))).HandleAsync);
        return app;
    }

    private static WebApplication CallsGrain(string[] args, bool hostsGrain)
    {
        var app = Build(args, builder => AddSilo(builder, hostsGrain));
        var grains = app.Services.GetRequiredService<IGrainFactory>();
        ISayGrain? grain = null;
        // Kept from the first call on. Not made earlier: a silo without the class must have joined first.
        app.MapPost("/rpc", new SayEndpoint((text, n) => (grain ??= grains.GetGrain<ISayGrain>("say")).Say(text, n)).HandleAsync);
        app.MapInsideLoad(new Dictionary<string, Func<Func<ValueTask<long>>>> { ["reference"] = () => Reference(grains.GetGrain<ISayGrain>("say")) });
        return app;
    }

    private static Func<ValueTask<long>> Reference(ISayGrain grain) => async () => (await grain.Say(Exchange.Text, Exchange.N)).N;

    private static WebApplication Build(string[] args, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        configure(builder);
        return builder.Build();
    }

    private static void AddSilo(WebApplicationBuilder builder, bool hostsGrain) => builder.UseOrleans(silo =>
    {
        var settings = builder.Configuration;
        silo.UseLocalhostClustering(settings.GetValue<int>("silo-port"), settings.GetValue<int>("client-port"), IPEndPoint.Parse(settings["seed"]!));
        if (!hostsGrain)
        {
            silo.Configure<GrainTypeOptions>(types => types.Classes.Remove(typeof(SayGrain)));
        }
    });
}
