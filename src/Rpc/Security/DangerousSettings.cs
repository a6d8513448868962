using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orrery.Rpc.Hosting;

namespace Orrery.Rpc.Security;

/// <summary>Says at each start which of the settings that take protection away are on. Of lost calls <c>VersionCheck</c> does, when there are any.</summary>
internal sealed partial class DangerousSettings(IConfiguration configuration, ILogger<DangerousSettings> logger) : IHostedService
{
    /// <summary>The section of the configuration, below <see cref="Settings.Section"/>.</summary>
    public const string Section = "Dangerously";

    public const string ListenWithoutTls = nameof(ListenWithoutTls);
    public const string ListenWithoutAuthentication = nameof(ListenWithoutAuthentication);
    public const string ConnectNodesWithoutTls = nameof(ConnectNodesWithoutTls);

    public const string BreakServices = nameof(BreakServices);

    private static readonly string[] OpenDoors = [ListenWithoutTls, ListenWithoutAuthentication, ConnectNodesWithoutTls];

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> Keys { get; } = [.. OpenDoors, BreakServices];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = new Settings(configuration);
        foreach (var key in OpenDoors.Select(key => $"{Section}:{key}").Where(settings.Flag))
        {
            LogDanger($"{Settings.Section}:{key}");
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Key} is set: this program does not see to that protection itself, and whoever gets past what does, if anything, can do what they like")]
    private partial void LogDanger(string key);
}
