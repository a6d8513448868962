using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Orrery.Rpc.Invocation;
using Orrery.Rpc.Registry;
using Orrery.Rpc.Routing;

namespace Orrery.Rpc.Telemetry;

/// <summary>Measures how the node is, each time that somebody asks: what it is busy with, and what it knows of the others.</summary>
internal sealed class NodeMetrics(IMeterFactory meters, CallInvoker invoker, CallLimit limit, NodeRegistry registry) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create(TelemetryNames.Meter);
        meter.CreateObservableUpDownCounter<long>("orrery.calls.in_flight", CallsInFlight, "{call}", "Calls that are not answered yet: at the gateway those from outside, in the services those that run.");
        meter.CreateObservableUpDownCounter<long>("orrery.calls.waiting", () => limit.Waiting, "{call}", "Calls that wait for room in their service.");
        meter.CreateObservableGauge<long>("orrery.circuits.open", OpenCircuits, "{circuit}", "Services on nodes that calls stay away from, because they failed there.");
        meter.CreateObservableUpDownCounter<long>("orrery.registry.nodes", Nodes, "{node}", "Nodes that this one knows.");
        meter.CreateObservableUpDownCounter<long>("orrery.registry.services", () => registry.Current.Services.Count, "{service}", "Services that this node knows.");
        meter.CreateObservableGauge("orrery.registry.age", () => registry.Age.TotalSeconds, "s", "How long ago this node last heard of a change in the cluster.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Measurement<long>[] CallsInFlight() =>
    [
        new(invoker.CallsFromOutside, new KeyValuePair<string, object?>("place", "gateway")),
        new(limit.Running, new KeyValuePair<string, object?>("place", "service")),
    ];

    private IEnumerable<Measurement<long>> Nodes() =>
        from status in Enum.GetValues<NodeStatus>()
        select new Measurement<long>(registry.Nodes.Count(node => node.Status == status), new KeyValuePair<string, object?>("status", WireName(status)));

    private IEnumerable<Measurement<long>> OpenCircuits() =>
        from service in registry.Current.Services.Values
        select new Measurement<long>(service.All.Count(instance => instance.Circuit.State is not CircuitState.Closed), new KeyValuePair<string, object?>("service", service.Description.Name));

    private static string WireName(NodeStatus status) => status.ToString().ToLowerInvariant();
}
