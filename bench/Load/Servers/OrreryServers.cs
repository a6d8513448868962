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
    public static WebApplication Gateway(string[] args)
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddOrreryGateway(args, node => node.AddBuiltInServices().AddServices(typeof(IEcho).Assembly));

        var app = builder.Build();
        app.MapJsonRpc("/rpc");
        return app;
    }

    public static WebApplication Worker(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddOrreryNode(args, node => node.AddBuiltInServices().AddServices(typeof(IEcho).Assembly));
        builder.AddOrreryOperations();
        builder.WebHost.UseUrls(builder.Configuration["urls"]!);
        return builder.Build();
    }
}
