using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>Reads the keys of the <c>Orrery</c> section, and notes what is wrong with them in words that name the fix.</summary>
internal sealed class Settings(IConfiguration configuration)
{
    public const string Section = "Orrery";

    private readonly IConfigurationSection _section = configuration.GetSection(Section);

    /// <summary>What the environment calls a key of the configuration.</summary>
    public static string EnvironmentVariable(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    public List<string> Failures { get; } = [];

    public string? Text(string key) => _section[key] is { Length: > 0 } text ? text : null;

    /// <summary>Reads a list: a JSON array, or one text with commas.</summary>
    public IReadOnlyList<string> List(string key) =>
        [.. (_section.GetSection(key).GetChildren().Select(child => child.Value ?? "") is var children && children.Any()
            ? children
            : (_section[key] ?? "").Split(','))
            .Select(text => text.Trim())
            .Where(text => text.Length > 0)
            .Distinct()];

    public int? Port(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue)
        {
            return port;
        }

        Fail(key, $"'{text}' is not a port. Give a number from 1 to 65535, or leave it out for a free one");
        return null;
    }

    public bool Flag(string key)
    {
        if (Text(key) is not { } text)
        {
            return false;
        }

        if (bool.TryParse(text, out var flag))
        {
            return flag;
        }

        Fail(key, $"'{text}' is neither true nor false");
        return false;
    }

    public TimeSpan? Duration(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) && duration >= TimeSpan.Zero)
        {
            return duration;
        }

        Fail(key, $"'{text}' is not a duration. Write ten seconds as 00:00:10");
        return null;
    }

    /// <summary>Reads an address that others can reach: as digits, or as a name, which is looked up.</summary>
    public IPAddress? Address(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (Resolve(text) is { } address)
        {
            return address;
        }

        Fail(key, $"'{text}' is neither an address that others can reach nor the name of one. Write it like 10.0.0.7");
        return null;
    }

    /// <summary>Reads such an address with a port.</summary>
    public IPEndPoint? EndPoint(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port > 0 && Resolve($"{endPoint.Address}") is not null)
        {
            return endPoint;
        }

        if (text.LastIndexOf(':') is > 0 and var colon
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            && Resolve(text[..colon]) is { } address)
        {
            return new IPEndPoint(address, port);
        }

        Fail(key, $"'{text}' is not an address that others can reach, with a port. Write it like 127.0.0.1:11111");
        return null;
    }

    // Of a name's addresses the first of IPv4, because that is what most networks route.
    private static IPAddress? Resolve(string text)
    {
        try
        {
            var addresses = IPAddress.TryParse(text, out var address) ? [address] : Dns.GetHostAddresses(text);
            return addresses.Where(found => !found.Equals(IPAddress.Any) && !found.Equals(IPAddress.IPv6Any)).OrderBy(found => found.AddressFamily is not AddressFamily.InterNetwork).FirstOrDefault();
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Refuses keys that nobody reads: a slip of the pen would otherwise pass for the default.</summary>
    public void AllowOnly(IReadOnlyCollection<string> keys, string? part = null)
    {
        var section = part is null ? _section : _section.GetSection(part);
        foreach (var unknown in section.GetChildren().Where(child => !keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            Failures.Add($"{unknown.Path} is not a setting. The settings are {string.Join(", ", keys.Select(key => $"{section.Path}:{key}"))}.");
        }
    }

    /// <exception cref="OptionsValidationException">Something was wrong.</exception>
    public void ThrowIfFailed()
    {
        if (Failures.Count > 0)
        {
            throw new OptionsValidationException(Section, typeof(NodeOptions), Failures);
        }
    }

    public void Fail(string key, string problem)
    {
        var option = NodeCommandLine.SwitchOf($"{Section}:{key}");
        Failures.Add($"{Section}:{key}: {problem}. Set it in appsettings.json, as the environment variable {EnvironmentVariable($"{Section}:{key}")}{(option is null ? "" : $", or with {option}")}.");
    }
}
