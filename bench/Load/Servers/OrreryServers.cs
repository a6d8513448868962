using HelloServices;
using Orrery.Gateway;
using Orrery.Gateway.JsonRpc;
using Orrery.Grains;
using Orrery.Operations;
using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>What is compared: the builder lines of the product, with a service as a user writes it.</summary>
internal static class OrreryServers
{
    public static WebApplication Gateway(string[] args) => Gateway(args, _ => { });

    public static WebApplication CrowdedGateway(string[] args) => Gateway(args, CrowdedRegistry.AddTo);

    public static WebApplication Worker(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddOrreryNode(args, node => node.AddBuiltInServices().AddServices(typeof(IEcho).Assembly));
        builder.AddOrreryOperations();
        builder.WebHost.UseUrls(builder.Configuration["urls"]!);
        return builder.Build();
    }

    private static WebApplication Gateway(string[] args, Action<IServiceCollection> more)
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddOrreryGateway(args, node => node.AddBuiltInServices().AddServices(typeof(IEcho).Assembly));
        more(builder.Services);

        var app = builder.Build();
        app.MapJsonRpc("/rpc");
        return app;
    }
}
