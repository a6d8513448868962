using HelloServices;
using Orrery.Gateway;
using Orrery.Gateway.JsonRpc;
using Orrery.Grains;
using Orrery.Load.Client;
using Orrery.Operations;
using Orrery.Rpc;
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

    private static WebApplication Gateway(string[] args, Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddOrreryGateway(args, node => node.AddBuiltInServices().AddServices(typeof(IEcho).Assembly));
        configure(builder.Services);

        var app = builder.Build();
        app.MapJsonRpc("/rpc");
        MapInsideLoad(app, app.Services.GetRequiredService<Proxy>());
        return app;
    }

    private static void MapInsideLoad(WebApplication app, Proxy proxy) => app.MapInsideLoad(new Dictionary<string, Func<Func<ValueTask<long>>>>
    {
        ["typed-node"] = () => Typed(proxy.Get<IEcho>(ServerSet.WorkerId)),
        ["typed-role"] = () => Typed(proxy.Get<IEcho>(ServerSet.WorkerRole)),
        ["dynamic"] = () => Dynamic(proxy.Dynamic.echo[ServerSet.WorkerId]),
    });

    private static Func<ValueTask<long>> Typed(IEcho echo) => async () => (await echo.Say(Exchange.Text, Exchange.N)).N;

    private static Func<ValueTask<long>> Dynamic(dynamic echo) => async () =>
    {
        Said said = await echo.say(text: Exchange.Text, n: Exchange.N);
        return said.N;
    };
}
