using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Orrery.Rpc;

namespace Orrery.Gateway;

/// <summary>Says, as soon as the gateway answers, where it does and how to try it.</summary>
internal sealed partial class Announcement(IHostApplicationLifetime lifetime, IServer server, LocalNode node, ILogger<Announcement> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            {
                LogReady(node.NodeId, address, """{"jsonrpc":"2.0","method":"system/get_system_info","id":1}""");
            }
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "{NodeId} answers JSON-RPC at {Address}/rpc. Try it: curl --json '{Example}' {Address}/rpc")]
    private partial void LogReady(string nodeId, string address, string example);
}
