using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orrery.Grains.MetricsDashboard;
using Orrery.Rpc;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.Tests.MetricsReporter;

/// <summary>A node in the test's process, with a dashboard that only writes down what it is told.</summary>
internal sealed class ReportingNode : IAsyncDisposable
{
    private readonly IHost _host;

    private ReportingNode(IHost host) => _host = host;

    public Proxy Proxy => _host.Services.GetRequiredService<Proxy>();

    public static async Task<ReportingNode> StartAsync(string nodeId, string role, ReceivedReports received, params string[] args)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(received);
        builder.AddOrreryNode(["--node-id", nodeId, "--role", role, .. args], node =>
        {
            node.AddServices(BuiltInServices.Assembly, typeof(ReportingNode).Assembly);
            node.Silo.Configure<GrainTypeOptions>(grains => grains.Classes.RemoveWhere(type => typeof(IMetricsDashboard).IsAssignableFrom(type) && type != typeof(DashboardGrain)));
        });
        var node = new ReportingNode(builder.Build());
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

    /// <summary>Waits until this node can call another one.</summary>
    public Task SeesAsync(string nodeId) => _host.Services.GetRequiredService<NodeRegistry>().WaitUntilAsync(
        registry => registry.Nodes.Any(node => node.NodeId == nodeId && node.Status is NodeStatus.Alive),
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
