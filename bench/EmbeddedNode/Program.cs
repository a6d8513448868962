using HelloServices;
using Orrery.Gateway;
using Orrery.Gateway.JsonRpc;
using Orrery.Grains;
using Orrery.Rpc.Hosting;

return await NodeHost.RunAsync(args, () =>
{
    var builder = WebApplication.CreateBuilder();
    builder.AddOrreryGateway(args, node => node.AddBuiltInServices().AddServices(typeof(IEcho).Assembly));

    var app = builder.Build();
    app.MapJsonRpc("/rpc");
    return app;
});
