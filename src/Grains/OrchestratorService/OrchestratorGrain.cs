using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Rpc;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Lifecycle;
using Orrery.Rpc.Registry;

namespace Orrery.Grains.OrchestratorService;

/// <inheritdoc cref="IOrchestrator"/>
internal sealed partial class OrchestratorGrain(
    LocalServices services,
    LocalNode node,
    NodeRegistry registry,
    IHostApplicationLifetime lifetime,
    ILogger<OrchestratorGrain> logger) : Grain, IOrchestrator, IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => Asker.Note(context, registry);

    public Task<IReadOnlyList<HostedService>> ListServices() => Task.FromResult(services.List);

    public Task<HostedService> GetServiceStatus(string serviceName) => Task.FromResult(Find(serviceName));

    public async Task<ControlResult> ControlService(string serviceName, ServiceAction action, CancellationToken cancellationToken)
    {
        var who = Asker.Current;
        var changed = await (action switch
        {
            ServiceAction.Start => services.StartAsync(serviceName, who, cancellationToken),
            ServiceAction.Stop => services.StopAsync(serviceName, who, cancellationToken),
            _ => services.RestartAsync(serviceName, who, cancellationToken),
        });
        var service = Find(serviceName);
        return new ControlResult(changed, Message(service, changed), service);
    }

    public Task<DrainResult> Drain()
    {
        var changed = !lifetime.ApplicationStopping.IsCancellationRequested;
        LogDrain(node.NodeId, Asker.Current, changed ? "done" : "nothing to do");
        lifetime.StopApplication();
        return Task.FromResult(new DrainResult(changed, $"'{node.NodeId}' {(changed ? "drains now" : "was already draining")}, and ends when it has finished its calls."));
    }

    private static string Message(HostedService service, bool changed) =>
        $"'{service.Name}' {(changed ? "is now" : "was already")} {service.Status.ToString().ToLowerInvariant()} on '{service.NodeId}'.";

    private HostedService Find(string serviceName) => services.Find(serviceName)
        ?? throw RpcException.InvalidParameter("service_name", $"The node '{node.NodeId}' hosts no service '{Names.Excerpt(serviceName)}'. orchestrator/{node.NodeId}/list_services lists those that it hosts.");

    [LoggerMessage(LogLevel.Information, "{NodeId} was told to drain by {AskedBy}: {Outcome}")]
    private partial void LogDrain(string nodeId, string askedBy, string outcome);
}
