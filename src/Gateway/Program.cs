using Orrery.Gateway;
using Orrery.Gateway.JsonRpc;
using Orrery.Gateway.Security;
using Orrery.Grains;
using Orrery.Kubernetes;
using Orrery.Operations.Health;
using Orrery.Rpc.Hosting;

if (args is [DevelopmentToken.Command, .. var rest])
{
    return DevelopmentToken.Run(rest, TimeProvider.System);
}

return await NodeHost.RunAsync(args, () =>
{
    var builder = WebApplication.CreateBuilder();
    builder.AddOrreryGateway(args, node => node.AddBuiltInServices());
    builder.AddOrreryKubernetes();

    var app = builder.Build();
    app.MapJsonRpc("/rpc");
    app.MapHealth("/health");
    app.MapGet("/", context => BrowserPage.WriteAsync(context, "/rpc"));
    return app;
});
