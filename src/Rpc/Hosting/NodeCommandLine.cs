using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Hosting;

/// <summary>
/// Reads the command line: the short switches of the settings, and <c>--Section:Key value</c> for any other. What it
/// does not know it refuses: a slip of the pen would otherwise pass for the default.
/// </summary>
public static class NodeCommandLine
{
    private static readonly (string Switch, string Key, string Help)[] Switches =
    [
        ("--node-id", "Orrery:NodeId", "the node's unique id"),
        ("--role", "Orrery:Roles", "what the node is for; may be repeated, the first is the main one"),
        ("--capability", "Orrery:Capabilities", "a word about what the node can do; may be repeated"),
        ("--services", "Orrery:Services", "a folder with service assemblies; may be repeated"),
        ("--cluster-id", "Orrery:ClusterId", "the cluster's name"),
        ("--seed", "Orrery:Seed", "the silo address of the node that keeps the membership"),
        ("--address", "Orrery:Address", "the address at which other nodes reach this one"),
        ("--silo-port", "Orrery:SiloPort", "the port for other nodes"),
        ("--client-port", "Orrery:ClientPort", "the port for client programs"),
        ("--urls", "urls", "the addresses that a gateway listens on"),
        ("--environment", "environment", "the host's environment, e.g. Development"),
        ("--contentRoot", "contentRoot", "the folder with appsettings.json"),
    ];

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help { get; } = string.Join(
        Environment.NewLine,
        Switches.Select(option => $"  {option.Switch,-16}{option.Key,-22}{option.Help}")
            .Prepend("Settings, on the command line or by their key in appsettings.json and the environment:")
            .Append("  --Key value     Any other key, e.g. --Logging:LogLevel:Default Debug"));

    /// <summary>Gives the configuration that the arguments stand for.</summary>
    /// <exception cref="OptionsValidationException">An argument is unknown or lacks its value.</exception>
    public static IReadOnlyDictionary<string, string?> Read(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].IndexOf('=') is > 0 and var at ? (args[i][..at], args[i][(at + 1)..]) : (args[i], null);
            var key = KeyOf(name) ?? throw Refuse(Unknown(args[i]));
            if (IsSecret(key))
            {
                throw Refuse($"{key} is a secret, and whoever is on this machine can read a command line. Set the environment variable {Settings.EnvironmentVariable(key)}, or {Settings.EnvironmentVariable(key)}{Secret.FileSuffix} to the name of a file that has it.");
            }

            value ??= i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal)
                ? args[++i]
                : throw Refuse($"'{name}' lacks its value.");
            settings[key] = settings.TryGetValue(key, out var earlier) ? $"{earlier},{value}" : value;
        }

        return settings;
    }

    internal static string? SwitchOf(string key) => Switches.FirstOrDefault(option => option.Key == key).Switch;

    private static string? KeyOf(string name) =>
        Switches.FirstOrDefault(option => option.Switch == name || option.Switch + "s" == name).Key
        ?? (name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':') ? name[2..] : null);

    private static bool IsSecret(string key) =>
        (key.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase)
            || key.EndsWith(":Secret", StringComparison.OrdinalIgnoreCase)
            || key.EndsWith(":Password", StringComparison.OrdinalIgnoreCase))
        && !key.EndsWith(Secret.FileSuffix, StringComparison.OrdinalIgnoreCase);

    // Not said again when it could be a secret on the wrong way in.
    private static string Unknown(string argument) =>
        argument.AsSpan().IndexOfAny("=;:@") < 0 ? $"'{argument}' is not an argument." : "There is an argument that is none.";

    private static OptionsValidationException Refuse(string problem) =>
        new("command line", typeof(NodeOptions), [problem + Environment.NewLine + Help]);
}
