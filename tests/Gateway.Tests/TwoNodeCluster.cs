using HelloServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orrery.Gateway.JsonRpc;
using Orrery.Gateway.Tests;
using Orrery.Gateway.Tests.Services;
using Orrery.Grains;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

[assembly: AssemblyFixture(typeof(TwoNodeCluster))]

namespace Orrery.Gateway.Tests;

/// <summary>A gateway on a real web server, and a worker that it reaches over the network.</summary>
public sealed class TwoNodeCluster : IAsyncLifetime
{
    private WebApplication _gateway = null!;
    private IHost _worker = null!;

    public Uri Address { get; private set; } = null!;

    public Signals Signals { get; } = new();

    public RpcClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var seed = LoopbackPort.Free();
        string[] ports = ["--silo-port", $"{seed}", "--client-port", $"{LoopbackPort.Free()}", "--seed", $"127.0.0.1:{seed}"];
        var builder = WebApplication.CreateBuilder();
        builder.AddOrreryGateway(["--node-id", "gateway-1", "--role", "gateway", "--urls", "http://127.0.0.1:0", .. ports], Configure);
        Quieten(builder);
        _gateway = builder.Build();
        _gateway.MapJsonRpc();
        await _gateway.StartAsync();

        var worker = Host.CreateApplicationBuilder();
        worker.AddOrreryNode(["--node-id", "worker-1", "--role", "worker", "--seed", $"127.0.0.1:{seed}"], Configure);
        Quieten(worker);
        _worker = worker.Build();
        await _worker.StartAsync();

        await _gateway.Services.GetRequiredService<NodeRegistry>().WaitUntilAsync(registry => registry.Nodes.Count(node => node.Status is NodeStatus.Alive) == 2);
        Address = new Uri(_gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new RpcClient(new Uri(Address, "/rpc"));
    }

    public async ValueTask DisposeAsync()
    {
        // At once: some calls of these tests never end, and a graceful stop would wait for them.
        await _worker.StopAsync(new CancellationToken(canceled: true));
        await _gateway.StopAsync(new CancellationToken(canceled: true));
        _worker.Dispose();
        await _gateway.DisposeAsync();
    }

    private void Quieten(IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Signals);
        builder.Logging.ClearProviders();
    }

    private static void Configure(NodeBuilder node)
    {
        node.AddServices(BuiltInServices.Assembly, typeof(ICalculator).Assembly);
        node.Silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(3));
    }
}
