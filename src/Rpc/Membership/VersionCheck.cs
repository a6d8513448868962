using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Metadata;
using Orleans.Runtime;
using Orrery.Rpc.Addressing;
using Orrery.Rpc.Catalog;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Security;

namespace Orrery.Rpc.Membership;

/// <summary>
/// Stops the start of a node whose version of a service would lose calls that live nodes of another version answer. It looks
/// when the node is about to become active, and gets no calls yet.
/// </summary>
internal sealed partial class VersionCheck(
    MembershipView view,
    IClusterMembershipService membership,
    IClusterManifestProvider manifests,
    ServiceCatalog catalog,
    ILocalSiloDetails local,
    IConfiguration configuration,
    TimeProvider time,
    ILogger<VersionCheck> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private const string Setting = $"{Settings.Section}:{DangerousSettings.Section}:{DangerousSettings.BreakServices}";

    // A node that does not say what it hosts within that time is no node that calls would be lost to.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(VersionCheck), JoinStages.CompareVersions, CheckAsync);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var others = await OthersAsync(cancellationToken);
        var comparisons = catalog.Hosted.Values
            .Select(contract => contract.Description)
            .OrderBy(service => service.Name, StringComparer.Ordinal)
            .Select(ours => new VersionComparison(ours, [.. others.Where(other => other.Services.ContainsKey(ours.Name)).Select(other => (other.NodeId, other.Services[ours.Name]))]))
            .ToArray();
        var breaks = comparisons.SelectMany(comparison => comparison.Breaks()).ToArray();
        if (breaks.Length > 0 && !new Settings(configuration).Flag($"{DangerousSettings.Section}:{DangerousSettings.BreakServices}"))
        {
            throw new OptionsValidationException(nameof(VersionCheck), typeof(NodeOptions), [.. breaks, $"Calls to those nodes would be lost here. Give what has changed a name of its own, beside what is there; or stop those nodes first. {Setting} ({Settings.EnvironmentVariable(Setting)}) set to true starts the node all the same."]);
        }

        foreach (var problem in breaks)
        {
            LogBreak(Setting, problem);
        }

        foreach (var (service, method, nodes) in comparisons.SelectMany(comparison => comparison.Missing()))
        {
            LogMissing(service, method, local.Name, nodes);
        }
    }

    /// <summary>Waits until what each active node hosts is known here, as it will be before the first call comes.</summary>
    private async Task<IReadOnlyList<(string NodeId, Dictionary<string, ServiceDescription> Services)>> OthersAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var active = (await view.ReadAsync(cancellationToken)).Where(entry => entry.Status is SiloStatus.Active && !entry.SiloAddress.Equals(local.SiloAddress)).ToArray();
            var known = manifests.Current.Silos;
            var unknown = active.Where(entry => !known.ContainsKey(entry.SiloAddress)).Select(entry => entry.SiloName).ToArray();
            var isLate = time.GetElapsedTime(started) >= Patience;
            if (unknown.Length > 0 && isLate)
            {
                LogNotCompared(local.Name, Names.Several(unknown));
            }

            if (unknown.Length == 0 || isLate)
            {
                return [.. active.Where(entry => known.ContainsKey(entry.SiloAddress)).Select(entry => (entry.SiloName, ServicesOf(known[entry.SiloAddress])))];
            }

            await membership.Refresh(cancellationToken: cancellationToken);
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private static Dictionary<string, ServiceDescription> ServicesOf(GrainManifest manifest) =>
        manifest.Grains.Values.Select(ServiceGrainTypes.Read).OfType<ServiceDescription>().ToDictionary(service => service.Name);

    [LoggerMessage(LogLevel.Information, "The version of the service {Service} on {NodeId} has no method '{Method}'. That on {Others} has it, and gets its calls for as long as it is there")]
    private partial void LogMissing(string service, string method, string nodeId, string others);

    [LoggerMessage(LogLevel.Warning, "{Key} is set, and calls will be lost: {Problem}")]
    private partial void LogBreak(string key, string problem);

    [LoggerMessage(LogLevel.Warning, "{NodeId} can't see what {Others} host, and starts without knowing whether its services get along with theirs")]
    private partial void LogNotCompared(string nodeId, string others);
}
