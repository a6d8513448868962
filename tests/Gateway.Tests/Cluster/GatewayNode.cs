using HelloServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orrery.Gateway.JsonRpc;
using Orrery.Gateway.Tests.Services;
using Orrery.Gateway.Tests.Wire;
using Orrery.Grains;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Gateway.Tests.Cluster;

/// <summary>A gateway in the test's process, on sockets of its own, made by the lines of the gateway's own program.</summary>
public sealed class GatewayNode : IAsyncDisposable
{
    public const string Id = "gateway-1";

    private readonly WebApplication _app;

    private GatewayNode(WebApplication app, ClusterScope scope)
    {
        _app = app;
        Scope = scope;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/rpc");
        Client = new RpcClient(Address);
    }

    public ClusterScope Scope { get; }

    public Uri Address { get; }

    public RpcClient Client { get; }

    /// <summary>Where it answers, in the order of the addresses.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address + "/rpc"))];

    /// <summary>What the gateway is made of.</summary>
    public IServiceProvider Services => _app.Services;

    public NodeRegistry Registry => _app.Services.GetRequiredService<NodeRegistry>();

    public static async Task<GatewayNode> StartAsync(Action<NodeBuilder>? configure = null, params string[] more)
    {
        var scope = new ClusterScope();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(scope.Errors);
        builder.Services.AddSingleton(scope.Signals);
        string[] args =
        [
            "--node-id", Id, "--seed", scope.Seed, "--silo-port", $"{scope.SeedPort}", "--client-port", $"{LoopbackPort.Free()}",
            .. more.Contains("--urls") ? Array.Empty<string>() : ["--urls", "http://127.0.0.1:0"],
            .. more,
        ];
        builder.AddOrreryGateway(args, node =>
        {
            node.AddBuiltInServices().AddServices(typeof(ICalculator).Assembly, typeof(IProbe).Assembly);
            configure?.Invoke(node);
        });

        var app = builder.Build();
        app.MapJsonRpc("/rpc");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new GatewayNode(app, scope);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
