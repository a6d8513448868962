using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Orrery.Gateway.JsonRpc;
using Orrery.Gateway.Security;
using Orrery.Rpc;

namespace Orrery.Gateway;

/// <summary>Says, as soon as the gateway answers, where it does and how to try it.</summary>
internal sealed partial class Announcement(IServer server, LocalNode node, IEnumerable<EndpointDataSource> endpoints, AuthenticationMeans means, ILogger<Announcement> logger) : IHostedLifecycleService
{
    private const string Example = """{"jsonrpc":"2.0","method":"system/get_system_info","id":1}""";

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var path = endpoints.SelectMany(source => source.Endpoints).Select(endpoint => endpoint.Metadata.GetMetadata<JsonRpcPath>()).OfType<JsonRpcPath>().FirstOrDefault();
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            var url = address + path?.Pattern;
            LogReady(node.NodeId, url, $"curl --json '{Example}' {(means.Tokens is null ? "" : "-H \"Authorization: Bearer $TOKEN\" ")}{url}");
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "{NodeId} answers JSON-RPC at {Url}. Try it: {Command}")]
    private partial void LogReady(string nodeId, string url, string command);
}
