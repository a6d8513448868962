using System.Diagnostics;

namespace Orrery.Shared;

/// <summary>
/// A network namespace of this program's own, in which an address can vanish: nothing of what the processes of one account
/// send arrives anywhere, so the others see no answer, no refusal and no end.
/// </summary>
internal static class Network
{
    public const int Account = 65000;

    private const string Inside = "ORRERY_PRIVATE_NETWORK";

    public static bool CanBePrivate => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Exists("unshare") && Exists("ip") && Exists("setpriv");

    public static bool IsPrivate => Environment.GetEnvironmentVariable(Inside) is not null;

    /// <summary>Runs this program again inside, where the rules for local addresses come after those of this program.</summary>
    public static async Task<int> RunAgainInPrivateAsync(string[] args)
    {
        const string SetUp = "ip link set lo up && ip rule add pref 100 lookup local && ip rule del pref 0 && exec \"$@\"";
        var start = new ProcessStartInfo("unshare", ["--net", "sh", "-c", SetUp, "sh", Environment.ProcessPath!, .. (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? new[] { typeof(Network).Assembly.Location } : []), .. args]);
        start.Environment[Inside] = "1";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public static Task VanishAsync() => RuleAsync("add");

    public static Task ReturnAsync() => RuleAsync("del");

    private static async Task RuleAsync(string verb)
    {
        using var ip = Process.Start("ip", ["rule", verb, "pref", "50", "uidrange", $"{Account}-{Account}", "blackhole"]);
        await ip.WaitForExitAsync();
    }

    private static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
