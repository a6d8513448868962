using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Grains.MetricsDashboard;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.Tests.MetricsDashboard;

/// <summary>A node of the role <c>coordinator</c>, in the test's process.</summary>
internal sealed class Coordinator : IAsyncDisposable
{
    private readonly IHost _host;

    private Coordinator(IHost host) => _host = host;

    public Proxy Proxy => _host.Services.GetRequiredService<Proxy>();

    public NodeRegistry Registry => _host.Services.GetRequiredService<NodeRegistry>();

    /// <summary>The dashboard that is in charge.</summary>
    public IMetricsDashboard Dashboard => Proxy.Get<IMetricsDashboard>("coordinator");

    /// <summary>Starts a node; without a database, one that keeps the membership of a cluster of its own.</summary>
    public static async Task<Coordinator> StartAsync(string nodeId, string? database = null)
    {
        var builder = Host.CreateApplicationBuilder();
        var port = LoopbackPort.Free();
        string[] seed = database is null ? ["--seed", $"127.0.0.1:{port}", "--silo-port", $"{port}", "--client-port", $"{LoopbackPort.Free()}"] : [];
        builder.Configuration.AddInMemoryCollection(database is null ? [] : new Dictionary<string, string?> { ["ConnectionStrings:Orrery"] = database });
        builder.Logging.ClearProviders();
        builder.AddOrreryNode(["--node-id", nodeId, "--role", "coordinator", .. seed], node => node.AddBuiltInServices());
        var node = new Coordinator(builder.Build());
        try
        {
            await node._host.StartAsync(TestContext.Current.CancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
