using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Security;

/// <summary>Refuses to listen where other machines can reach it without TLS, and without asking callers who they are.</summary>
internal sealed class SafeListening
{
    private const string WithoutTls = "Dangerously:ListenWithoutTls";
    private const string WithoutAuthentication = "Dangerously:ListenWithoutAuthentication";

    private readonly IConfiguration _configuration;
    private readonly Settings _settings;

    public SafeListening(IConfiguration configuration)
    {
        _configuration = configuration;
        _settings = new Settings(configuration);
        Overrides = [.. new[] { WithoutTls, WithoutAuthentication }.Where(_settings.Flag).Select(key => $"{Settings.Section}:{key}")];
    }

    /// <summary>The settings that switch the rule off.</summary>
    public IReadOnlyList<string> Overrides { get; }

    /// <summary>Checks the addresses that the gateway is to listen on.</summary>
    /// <exception cref="OptionsValidationException">One can be reached from elsewhere, and something is missing.</exception>
    public void Check(IEnumerable<BindingAddress> addresses)
    {
        foreach (var address in addresses.Where(IsReachable))
        {
            if (address.Scheme != Uri.UriSchemeHttps && !_settings.Flag(WithoutTls))
            {
                Refuse(address, $"without TLS everybody on the way could read and change the calls. Listen on https:// and set {Settings.Section}:Tls:Certificate and {Settings.Section}:Tls:Key", WithoutTls);
            }

            if (!AuthenticationMeans.Read(_configuration).AreAny && !_settings.Flag(WithoutAuthentication))
            {
                Refuse(
                    address,
                    $"everybody there could call everything. Set {Settings.Section}:Authentication:Authority and {Settings.Section}:Authentication:Audience, or {Settings.Section}:Authentication:Keys, or {Settings.Section}:Tls:ClientCertificates and {Settings.Section}:Tls:ClientCa",
                    WithoutAuthentication);
            }
        }

        _settings.ThrowIfFailed();
    }

    private static bool IsReachable(BindingAddress address) =>
        !address.IsUnixPipe && !address.IsNamedPipe && !address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        && !(IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private void Refuse(BindingAddress address, string problem, string key) => _settings.Failures.Add(
        $"urls: {address} can be reached from other machines: {problem}. Or listen on 127.0.0.1 only. Where something else sees to it, {Settings.Section}:{key}=true (the environment variable {Settings.EnvironmentVariable($"{Settings.Section}:{key}")}) lets it listen all the same.");
}
