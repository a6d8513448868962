using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Orrery.Cluster.Tests.Processes;

/// <summary>A program of the repository, running as its users run it.</summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private TaskCompletionSource _nextLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(Process process) => _process = process;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public int Id => _process.Id;

    /// <summary>Starts the program that a project was built to.</summary>
    public static NodeProcess Start(string project, string program, IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null, string? directory = null) =>
        Start("dotnet", [Path.Combine(Repository.Output(project), program + ".dll"), .. args], environment, directory);

    public static NodeProcess Start(string file, IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null, string? directory = null)
    {
        var start = new ProcessStartInfo(file, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Repository.Root,
        };
        // The settings of whoever runs the tests are none of theirs.
        foreach (var key in start.Environment.Keys.Where(key => key.StartsWith("Orrery__", StringComparison.OrdinalIgnoreCase) || key.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(key);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var node = new NodeProcess(new Process { StartInfo = start });
        node._process.OutputDataReceived += (_, line) => node.Keep(line.Data);
        node._process.ErrorDataReceived += (_, line) => node.Keep(line.Data);
        node._process.Start();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Waits for a line that the pattern matches, and gives its first group.</summary>
    public async Task<string> SeesAsync(Regex pattern)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var exit = _process.WaitForExitAsync(patience.Token);
        while (true)
        {
            var hasEnded = exit.IsCompleted;
            Task next;
            lock (_lines)
            {
                if (_lines.Select(line => pattern.Match(line)).FirstOrDefault(match => match.Success) is { } found)
                {
                    return found.Groups[1].Value;
                }

                next = _nextLine.Task;
            }

            Assert.False(hasEnded, $"The program never printed {pattern}. It printed:\n{Output}");
            await Task.WhenAny(next, exit);
        }
    }

    /// <summary>Waits for the first line of a gateway and gives the address in it.</summary>
    public async Task<Uri> AnswersAsync() => new(await SeesAsync(AnswersAt()));

    /// <summary>Waits until the node says where it tells how it is, and gives the address.</summary>
    public async Task<Uri> IsManagedAtAsync() => new(await SeesAsync(IsManagedAt()));

    public Task JoinsAsync() => SeesAsync(IsInTheCluster());

    /// <summary>Waits until it is in the cluster or has ended, and gives whether it is in.</summary>
    public async Task<bool> JoinsOrExitsAsync()
    {
        await Task.WhenAny(JoinsAsync(), ExitsAsync());
        return !_process.HasExited;
    }

    public async Task<int> ExitsAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>Asks the program to stop, as Ctrl-C or Kubernetes would.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Stops the program where it is: it answers nothing any more, and its connections stay open.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Lets a frozen program go on.</summary>
    public void Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
            _nextLine.TrySetResult();
            _nextLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    [GeneratedRegex(@"answers JSON-RPC at (\S+)\. Try it: curl --json '")]
    private static partial Regex AnswersAt();

    [GeneratedRegex(@"tells how it is at (\S+)/health and")]
    private static partial Regex IsManagedAt();

    [GeneratedRegex(@"(\S+) at \S+ is in the cluster")]
    private static partial Regex IsInTheCluster();
}
