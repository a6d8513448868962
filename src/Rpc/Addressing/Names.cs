using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orrery.Rpc.Addressing;

/// <summary>The rules of the names in addresses.</summary>
public static partial class Names
{
    private const int LongestExcerpt = 100;
    private const int MostNames = 10;

    /// <summary>Gives the wire name of a C# name: <c>GetSystemInfo</c> is <c>get_system_info</c>.</summary>
    public static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>Whether the text can be a node id or a role: a letter or digit, then up to 62 of those or <c>._-</c>.</summary>
    public static bool IsTarget(string text) => TargetPattern().IsMatch(text);

    /// <summary>Whether the text can name a service, method or parameter.</summary>
    public static bool IsSnakeCase(string text) => SnakeCasePattern().IsMatch(text);

    /// <summary>Whether the text can be a permission.</summary>
    public static bool IsPermission(string text) => PermissionPattern().IsMatch(text);

    /// <summary>Gives what a caller wrote as it may stand in a message: its first 100 characters.</summary>
    public static string Excerpt(ReadOnlySpan<char> text) => text.Length <= LongestExcerpt ? text.ToString() : $"{text[..LongestExcerpt]}…";

    /// <summary>Gives names as they may stand in a message: the first ten, in order.</summary>
    internal static string Several(IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToArray();
        return string.Join(", ", all.Take(MostNames)) + (all.Length > MostNames ? " and others" : "");
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex TargetPattern();

    [GeneratedRegex(@"^[A-Za-z0-9._/:-]{1,128}\z")]
    private static partial Regex PermissionPattern();

    [GeneratedRegex(@"^[a-z][a-z0-9]*(_[a-z0-9]+)*\z")]
    private static partial Regex SnakeCasePattern();
}
