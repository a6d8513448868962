using Npgsql;

namespace Orrery.Rpc.Database;

/// <summary>
/// Reads a connection URL, <c>postgres://user:password@host:port/database?parameter=value</c>, as PostgreSQL's own
/// programs do: everything may be left out, every part may be percent-encoded, hosts may be several.
/// </summary>
internal static class PostgresUrl
{
    private const string Encode = "A '?', '&', '/', '@' or ':' in a password is written percent-encoded";

    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["host"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["password"] = "Password",
        ["passfile"] = "Passfile",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["channel_binding"] = "Channel Binding",
        ["target_session_attrs"] = "Target Session Attributes",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["search_path"] = "Search Path",
        ["options"] = "Options",
        ["pool_max_conns"] = "Maximum Pool Size",
    };

    public static bool IsUrl(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="FormatException">It is no such URL. The message has nothing of it: any part may be the password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string url)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Split(rest, '?');
        var (authority, database) = Split(beforeQuery, '/');
        var at = authority.LastIndexOf('@');
        var (user, password) = Split(at < 0 ? "" : authority[..at], ':');

        var builder = new NpgsqlConnectionStringBuilder();
        Set(builder, "Username", user);
        Set(builder, "Password", password);
        Set(builder, "Database", database);
        SetHosts(builder, authority[(at + 1)..]);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(pair, '=');
            Set(builder, Keywords.TryGetValue(name, out var keyword) ? keyword : throw Unknown(), value);
        }

        return builder;
    }

    private static void SetHosts(NpgsqlConnectionStringBuilder builder, string hosts)
    {
        var parts = hosts.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 1)
        {
            Set(builder, "Host", hosts);
            return;
        }

        // The colons of an IPv6 address, which stands in brackets, are none of a port.
        var host = parts[0];
        var colon = host.LastIndexOf(':');
        var hasPort = colon > host.LastIndexOf(']');
        Set(builder, "Host", (hasPort ? host[..colon] : host).Trim('[', ']'));
        Set(builder, "Port", hasPort ? host[(colon + 1)..] : "");
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string keyword, string encoded)
    {
        if (encoded.Length == 0)
        {
            return;
        }

        var value = Uri.UnescapeDataString(encoded);
        try
        {
            // Npgsql's modes are the names of an enum, without the dash of verify-full.
            builder[keyword] = keyword == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            throw new FormatException($"its part for '{keyword}' can't be read. {Encode}");
        }
    }

    private static (string Before, string After) Split(string text, char separator) =>
        text.IndexOf(separator) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, "");

    private static FormatException Unknown() => new($"it has a parameter that is none of {string.Join(", ", Keywords.Keys)}. {Encode}");
}
