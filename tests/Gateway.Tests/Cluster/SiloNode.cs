using HelloServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Gateway.Tests.Services;
using Orrery.Grains;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>A node without HTTP in the test's process.</summary>
public sealed class SiloNode : IAsyncDisposable
{
    private readonly IHost _host;

    private SiloNode(IHost host) => _host = host;

    public static async Task<SiloNode> StartAsync(ClusterScope scope, string nodeId, params string[] roles)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(scope.Errors);
        builder.Services.AddSingleton(scope.Signals);
        string[] args =
        [
            "--node-id", nodeId, "--seed", scope.Seed, "--silo-port", $"{LoopbackPort.Free()}", "--client-port", $"{LoopbackPort.Free()}",
            .. roles.SelectMany(role => new[] { "--role", role }),
        ];
        builder.AddOrreryNode(args, node => node.AddBuiltInServices().AddServices(typeof(ICalculator).Assembly, typeof(IProbe).Assembly));

        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new SiloNode(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
