using HelloServices;
using Orrery.Gateway;
using Orrery.Gateway.JsonRpc;
using Orrery.Rpc.Hosting;

return await NodeHost.RunAsync(args, () =>
{
    var builder = WebApplication.CreateBuilder();
    builder.AddOrreryGateway(args, node => node.AddServices(typeof(ICalculator).Assembly));

    var app = builder.Build();
    app.MapJsonRpc("/api/rpc");
    return app;
});
