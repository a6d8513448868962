using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Orrery.Gateway.Http;

/// <summary>The web server's own limits, from <c>Kestrel:Limits</c>, a section that the server itself does not read.</summary>
internal static class ServerLimits
{
    private const string Section = "Kestrel:Limits";

    private static readonly TimeSpan HeadersTake = TimeSpan.FromSeconds(10);

    /// <summary>Sets the limits, by the names that they have in <see cref="KestrelServerLimits"/>.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="configuration">The configuration.</param>
    /// <exception cref="OptionsValidationException">A value can't work.</exception>
    public static void Set(KestrelServerLimits limits, IConfiguration configuration)
    {
        limits.RequestHeadersTimeout = HeadersTake;
        var section = configuration.GetSection(Section);
        try
        {
            section.Bind(limits, Strictly);
            // What can't be changed is passed over above without a word.
            limits.MinRequestBodyDataRate = Rate(section, nameof(limits.MinRequestBodyDataRate)) ?? limits.MinRequestBodyDataRate;
            limits.MinResponseDataRate = Rate(section, nameof(limits.MinResponseDataRate)) ?? limits.MinResponseDataRate;
        }
        catch (TargetInvocationException exception)
        {
            throw new OptionsValidationException(Section, typeof(KestrelServerLimits), [$"{Section}: {exception.GetBaseException().Message}"]);
        }
    }

    private static MinDataRate? Rate(IConfigurationSection section, string name) => section.GetSection(name).Get<MinDataRate>(Strictly);

    private static void Strictly(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;
}
