using System.Diagnostics;
using System.Globalization;
using Orrery.Load.Client;
using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>A server as this program sees it: a child process that ends with it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new();

    private ServerProcess(string role, bool isSecured, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        Role = role;
        var urls = $"http://127.0.0.1:{Port}" + (isSecured ? $";https://127.0.0.1:{SecuredPort}" : "");
        _process = new Process { StartInfo = StartInfo(["serve", role, "--urls", urls, .. arguments]), EnableRaisingEvents = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            _process.StartInfo.Environment[key] = value;
        }

        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new LoadException($"The server '{role}' ended before it was ready."));
    }

    public string Role { get; }

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>Where it answers over TLS, if it does.</summary>
    public int SecuredPort { get; } = LoopbackPort.Free();

    public static async Task<ServerProcess> StartAsync(string role, bool isSecured, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var server = new ServerProcess(role, isSecured, environment, arguments);
        try
        {
            server._process.Start();
            server._process.BeginOutputReadLine();
            await server._ready.Task.WaitAsync(LongestStart, cancellationToken);
            return server;
        }
        catch (TimeoutException)
        {
            server.Dispose();
            throw new LoadException($"The server '{role}' was not ready within {LongestStart.TotalSeconds} s.");
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>What the process has used since it started.</summary>
    public async Task<Costs> ReadCostsAsync(CancellationToken cancellationToken)
    {
        var text = await _http.GetStringAsync($"http://127.0.0.1:{Port}{Server.CostsPath}", cancellationToken);
        var numbers = text.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Costs(numbers[0], numbers[1]);
    }

    public void Dispose()
    {
        _http.Dispose();
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It never started.
        }

        _process.Dispose();
    }

    // Started as an executable of its own or by the dotnet command: this program again, either way.
    private static ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        var byCommand = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, byCommand ? arguments.Prepend(typeof(ServerProcess).Assembly.Location) : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
    }

    private void OnLine(string? line)
    {
        if (line == Server.Ready)
        {
            _ready.TrySetResult();
        }
    }
}

/// <summary>What processes have used.</summary>
internal readonly record struct Costs(double AllocatedBytes, double CpuMicroseconds)
{
    public static Costs operator +(Costs one, Costs other) => new(one.AllocatedBytes + other.AllocatedBytes, one.CpuMicroseconds + other.CpuMicroseconds);

    public static Costs operator -(Costs one, Costs other) => new(one.AllocatedBytes - other.AllocatedBytes, one.CpuMicroseconds - other.CpuMicroseconds);
}
