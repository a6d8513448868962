using HelloServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Cluster.Tests.Services;
using Orrery.Grains;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Cluster.Tests.InProcess;

/// <summary>A node in the test's process, made by the builder lines that a user writes.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly IHost _host;

    private TestNode(IHost host) => _host = host;

    public Proxy Proxy => _host.Services.GetRequiredService<Proxy>();

    public NodeRegistry Registry => _host.Services.GetRequiredService<NodeRegistry>();

    public IServiceProvider Services => _host.Services;

    public static async Task<TestNode> StartAsync(ClusterPorts ports, string nodeId, string role, bool isSeed = false, Action<NodeBuilder>? configure = null, params string[] args)
    {
        var builder = Host.CreateApplicationBuilder();
        string[] own = ["--node-id", nodeId, "--role", role, .. ports.Database is null ? ["--seed", $"127.0.0.1:{ports.Seed}"] : Array.Empty<string>()];
        string[] seeds = isSeed ? ["--silo-port", $"{ports.Seed}", "--client-port", $"{ports.Client}"] : [];
        builder.Configuration.AddInMemoryCollection(ports.Database is null ? [] : new Dictionary<string, string?> { ["ConnectionStrings:Orrery"] = ports.Database, ["Orrery:Database:Migrate"] = "true" });
        builder.Configuration.AddInMemoryCollection(ports.Settings);
        builder.Services.AddSingleton(ports.Signals);
        builder.Logging.ClearProviders().AddProvider(ports.Log);
        builder.AddOrreryNode([.. own, .. seeds, .. args], configure ?? AddServices);
        var host = builder.Build();
        var node = new TestNode(host);
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>The services that a node has when a test says nothing else.</summary>
    public static void AddServices(NodeBuilder node) => node.AddBuiltInServices().AddServices(typeof(ICalculator).Assembly, typeof(IProbe).Assembly);

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public Task SeesAsync(params string[] nodeIds) => Registry.WaitUntilAsync(
        registry => nodeIds.All(id => registry.Nodes.Any(node => node.NodeId == id && node.Status is NodeStatus.Alive))
            && registry.Nodes.Count(node => node.Status is NodeStatus.Alive) == nodeIds.Length,
        TestContext.Current.CancellationToken);

    public Task SeesServiceAsync(string service, string nodeId, ServiceStatus status) => Registry.WaitUntilAsync(
        registry => registry.Services.FirstOrDefault(known => known.Name == service)?.Nodes.FirstOrDefault(node => node.NodeId == nodeId)?.Status == status,
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}

/// <summary>What the nodes of one cluster share.</summary>
public sealed class ClusterPorts(string? database = null)
{
    public string? Database => database;

    public int Seed { get; } = LoopbackPort.Free();

    public int Client { get; } = LoopbackPort.Free();

    public Signals Signals { get; } = new();

    /// <summary>Settings of all nodes that have no option on the command line.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    public LogLines Log { get; } = new();
}
