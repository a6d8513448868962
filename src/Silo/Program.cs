using Microsoft.Extensions.Hosting;
using Orrery.Grains;
using Orrery.Kubernetes;
using Orrery.Operations;
using Orrery.Rpc.Hosting;

return await NodeHost.RunAsync(args, () =>
{
    var builder = Host.CreateApplicationBuilder();
    builder.AddOrreryNode(args, node => node.AddBuiltInServices());
    builder.AddOrreryOperations();
    builder.AddOrreryKubernetes();
    return builder.Build();
});
