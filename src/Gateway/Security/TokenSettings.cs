using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Gateway.Security;

/// <summary>Which tokens the gateway takes, from <c>Orrery:Authentication</c>.</summary>
/// <param name="Authority">The issuer's URL, where its keys are found by discovery; null for keys from files.</param>
/// <param name="Issuer">Who must have issued a token.</param>
/// <param name="Audience">For whom a token must be.</param>
/// <param name="Keys">The files with the public keys of the issuer.</param>
/// <param name="Secret">The secret that the issuer shares with the gateway; null for none.</param>
/// <param name="ClockSkew">By how much clocks may differ.</param>
internal sealed record TokenSettings(string? Authority, string? Issuer, string Audience, IReadOnlyList<string> Keys, string? Secret, TimeSpan ClockSkew)
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Authentication";

    /// <summary>The shortest secret: as many bytes as its hash has.</summary>
    public const int LeastSecretBytes = 32;

    /// <summary>The issuer and the audience where the configuration names none.</summary>
    public const string DefaultName = "orrery";

    private static readonly TimeSpan MostClockSkew = TimeSpan.FromMinutes(5);

    private static readonly string[] KeysOfSection = ["Authority", "Issuer", "Audience", "Keys", "Secret", "Secret_FILE", "ClockSkew"];

    /// <summary>Reads the section; null when it says nothing, and no tokens are taken.</summary>
    /// <exception cref="OptionsValidationException">Something in it can't work.</exception>
    public static TokenSettings? Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly(KeysOfSection, Section);
        var authority = settings.Text($"{Section}:Authority");
        var keys = settings.List($"{Section}:Keys");
        var secret = ReadSecret(configuration);
        var sources = (authority is null ? 0 : 1) + (keys.Count == 0 ? 0 : 1) + (secret is null ? 0 : 1);
        var issuer = settings.Text($"{Section}:Issuer");
        var audience = settings.Text($"{Section}:Audience");
        var clockSkew = settings.Duration($"{Section}:ClockSkew") ?? TimeSpan.FromSeconds(30);

        if (sources == 0 && (issuer ?? audience) is not null)
        {
            settings.Fail($"{Section}:Keys", $"tokens can't be checked without keys. Give the files with the issuer's public keys, or {Settings.Section}:{Section}:Authority, its URL");
        }

        if (sources > 1)
        {
            settings.Fail(Section, "Authority, Keys and Secret are three ways to check a token, and one that fails one of them would pass another. Leave one of them");
        }

        if (authority is not null && !(Uri.TryCreate(authority, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))))
        {
            settings.Fail($"{Section}:Authority", $"'{authority}' is not an https URL. Write it like https://login.example.com");
        }

        if (authority is not null && audience is null)
        {
            settings.Fail($"{Section}:Audience", "without it the tokens that the authority gives to others would be taken. Name the audience that it puts into those for this cluster");
        }

        if (secret is not null && System.Text.Encoding.UTF8.GetByteCount(secret) < LeastSecretBytes)
        {
            settings.Fail($"{Section}:Secret", $"it has less than {LeastSecretBytes} bytes and could be guessed. Make one with: openssl rand -base64 48");
        }

        if (clockSkew > MostClockSkew)
        {
            settings.Fail($"{Section}:ClockSkew", $"{clockSkew:c} would keep tokens alive for too long. Give 00:05:00 at most");
        }

        settings.ThrowIfFailed();
        return sources == 0 ? null : new TokenSettings(authority, issuer ?? (authority is null ? DefaultName : null), audience ?? DefaultName, keys, secret, clockSkew);
    }

    private static string? ReadSecret(IConfiguration configuration) => Rpc.Hosting.Secret.Read(configuration, $"{Settings.Section}:{Section}:Secret");
}
