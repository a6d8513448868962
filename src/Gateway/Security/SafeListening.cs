using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Orrery.Gateway.Http;
using Orrery.Rpc.Hosting;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>Refuses to listen where other machines can reach it without TLS, and without asking callers who they are.</summary>
internal static class SafeListening
{
    private const string WithoutTls = $"{DangerousSettings.Section}:{DangerousSettings.ListenWithoutTls}";
    private const string WithoutAuthentication = $"{DangerousSettings.Section}:{DangerousSettings.ListenWithoutAuthentication}";

    /// <summary>Checks the addresses that the gateway is to listen on.</summary>
    /// <exception cref="OptionsValidationException">One can be reached from elsewhere, and something is missing.</exception>
    public static void Check(IReadOnlyList<BindingAddress> addresses, IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        TlsSettings.Check(addresses, configuration, settings);
        foreach (var address in addresses.Where(IsReachable))
        {
            if (address.Scheme != Uri.UriSchemeHttps && !settings.Flag(WithoutTls))
            {
                Refuse(settings, address, $"without TLS everybody on the way could read and change the calls. Listen on https:// and set {Settings.Section}:Tls:Certificate and {Settings.Section}:Tls:Key", WithoutTls);
            }

            if (!AuthenticationMeans.Read(configuration).AreAny && !settings.Flag(WithoutAuthentication))
            {
                Refuse(
                    settings,
                    address,
                    $"everybody there could call everything. Set {Settings.Section}:Authentication:Authority and {Settings.Section}:Authentication:Audience, or {Settings.Section}:Authentication:Keys, or {Settings.Section}:Tls:ClientCertificates and {Settings.Section}:Tls:ClientCa",
                    WithoutAuthentication);
            }
        }

        settings.ThrowIfFailed();
    }

    private static bool IsReachable(BindingAddress address) =>
        !address.IsUnixPipe && !address.IsNamedPipe && !address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        && !(IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static void Refuse(Settings settings, BindingAddress address, string problem, string key) => settings.Failures.Add(
        $"urls: {address} can be reached from other machines: {problem}. Or listen on 127.0.0.1 only. Where something else sees to it, {Settings.Section}:{key}=true (the environment variable {Settings.EnvironmentVariable($"{Settings.Section}:{key}")}) lets it listen all the same.");
}
