using System.Diagnostics;

namespace Orrery.Shared;

/// <summary>A node, running as its users run it. What it prints goes to a file in the folder that <c>ORRERY_NODE_LOGS</c> names.</summary>
internal sealed class Node : IDisposable
{
    private readonly Process _process;
    private readonly StreamWriter? _log;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="id">Its node id.</param>
    /// <param name="project">The host to run.</param>
    /// <param name="database">The connection string.</param>
    /// <param name="ofOwnAccount">Whether it runs under the account whose address can vanish.</param>
    /// <param name="settings">More variables of its environment.</param>
    /// <param name="args">More arguments.</param>
    public Node(string id, string project, string database, bool ofOwnAccount, IReadOnlyDictionary<string, string> settings, params string[] args)
    {
        Id = id;
        _log = Environment.GetEnvironmentVariable("ORRERY_NODE_LOGS") is { Length: > 0 } folder ? File.AppendText(Path.Combine(folder, $"{id}.log")) : null;
        // Of root's rights it keeps the one to read the program wherever it was built.
        string[] account = ofOwnAccount
            ? ["setpriv", $"--reuid={Network.Account}", $"--regid={Network.Account}", "--clear-groups", "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
            : [];
        string[] command = [.. account, "dotnet", Path.Combine(Output("src", project), $"Orrery.{project}.dll"), "--node-id", id, .. args];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__Orrery"] = database;
        start.Environment["Orrery__Database__Migrate"] = "true";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _joined.TrySetException(new InvalidOperationException($"{id} ended with exit code {_process.ExitCode}."));
        _process.BeginOutputReadLine();
    }

    public string Id { get; }

    public Task JoinedAsync => _joined.Task;

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Where a project was built to, in the configuration of this program.</summary>
    public static string Output(string folder, string project) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../..", folder, project, "bin", Configuration, "net10.0"));

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until the process has ended, and gives its exit code.</summary>
    public async Task<int> ExitsAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _log?.Dispose();
    }

    private void OnLine(string? line)
    {
        _log?.WriteLine(line);
        if (line is not null && line.Contains("is in the cluster", StringComparison.Ordinal))
        {
            _joined.TrySetResult();
        }
    }
}
