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
        }
        catch (TargetInvocationException exception)
        {
            throw Refuse(Section, $"one of {string.Join(", ", section.GetChildren().Select(child => child.Key))} can't be used: {exception.GetBaseException().Message}");
        }

        // A rate can't be changed, only replaced; what is set of it is passed over above without a word.
        limits.MinRequestBodyDataRate = Rate(section.GetSection(nameof(limits.MinRequestBodyDataRate))) ?? limits.MinRequestBodyDataRate;
        limits.MinResponseDataRate = Rate(section.GetSection(nameof(limits.MinResponseDataRate))) ?? limits.MinResponseDataRate;
    }

    private static MinDataRate? Rate(IConfigurationSection section)
    {
        try
        {
            return section.Get<MinDataRate>(Strictly);
        }
        catch (Exception exception) when (exception is InvalidOperationException or TargetInvocationException)
        {
            throw Refuse(section.Path, "give a number of bytes as BytesPerSecond, and a duration of more than a second as GracePeriod, like 240 and 00:00:05");
        }
    }

    private static OptionsValidationException Refuse(string key, string problem) => new(key, typeof(KestrelServerLimits), [$"{key}: {problem}."]);

    private static void Strictly(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;
}
