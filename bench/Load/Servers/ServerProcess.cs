using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Orrery.Load.Client;
using Orrery.Load.Memory;
using Orrery.Rpc.Hosting;

namespace Orrery.Load.Servers;

/// <summary>A server as this program sees it: a child process that ends with it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly bool _tellsCosts;
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private ServerProcess(string name, Func<ServerProcess, IEnumerable<string>> command, bool tellsCosts, IReadOnlyDictionary<string, string>? environment)
    {
        _name = name;
        _tellsCosts = tellsCosts;
        _process = new Process { StartInfo = StartInfo([.. command(this)]), EnableRaisingEvents = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            _process.StartInfo.Environment[key] = value;
        }

        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new LoadException($"The server '{name}' ended before it was ready."));
    }

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>Where it answers over TLS, if it does.</summary>
    public int SecuredPort { get; } = LoopbackPort.Free();

    /// <summary>A server of this program.</summary>
    /// <param name="role">What it is.</param>
    /// <param name="arguments">Its arguments besides where it answers.</param>
    /// <param name="isSecured">Whether it answers over TLS too.</param>
    /// <param name="environment">More variables of its environment.</param>
    public static ServerProcess Own(string role, IEnumerable<string> arguments, bool isSecured = false, IReadOnlyDictionary<string, string>? environment = null) =>
        new(
            role,
            server => ["dotnet", typeof(ServerProcess).Assembly.Location, "serve", role, "--urls", $"http://127.0.0.1:{server.Port}" + (isSecured ? $";https://127.0.0.1:{server.SecuredPort}" : ""), .. arguments],
            tellsCosts: true,
            environment);

    /// <summary>Another program, which does not tell what it allocates.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="command">Gives the command for the port that it answers at.</param>
    /// <param name="environment">More variables of its environment.</param>
    public static ServerProcess Other(string name, Func<int, IEnumerable<string>> command, IReadOnlyDictionary<string, string>? environment = null) =>
        new(name, server => command(server.Port), tellsCosts: false, environment);

    /// <summary>Starts the process and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Start();
        try
        {
            await _ready.Task.WaitAsync(LongestStart, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new LoadException($"The server '{_name}' was not ready within {LongestStart.TotalSeconds} s.");
        }
    }

    /// <summary>Starts the process.</summary>
    public void Start()
    {
        try
        {
            _process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new LoadException($"The server '{_name}' can't be started: {exception.Message}");
        }

        _process.BeginOutputReadLine();
    }

    /// <summary>What the process has used since it started.</summary>
    public async Task<Costs> ReadCostsAsync(CancellationToken cancellationToken)
    {
        if (!_tellsCosts)
        {
            _process.Refresh();
            return new Costs(0, _process.TotalProcessorTime.TotalMicroseconds, 0);
        }

        var text = await _http.GetStringAsync($"http://127.0.0.1:{Port}{Server.CostsPath}", cancellationToken);
        var numbers = text.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Costs(numbers[0], numbers[1], numbers[2]);
    }

    /// <summary>What the process holds.</summary>
    public async Task<MemoryUse> ReadMemoryAsync(CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync<MemoryUse>($"http://127.0.0.1:{Port}{Server.MemoryPath}", cancellationToken))!;

    /// <summary>Asks the server for something that may take its time.</summary>
    /// <exception cref="LoadException">It failed.</exception>
    public async Task<T> PostAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync($"http://127.0.0.1:{Port}{path}", content: null, cancellationToken);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<T>(cancellationToken))!
            : throw new LoadException($"The server '{_name}' answered {path} with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
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

    private static ProcessStartInfo StartInfo(string[] command) => new(command[0], command[1..])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    };

    private void OnLine(string? line)
    {
        if (line == Server.Ready)
        {
            _ready.TrySetResult();
        }
    }
}

/// <summary>What processes have used.</summary>
/// <param name="AllocatedBytes">0 where that is not told.</param>
/// <param name="CpuMicroseconds">The time of all processors.</param>
/// <param name="CompilerMicroseconds">How long methods were compiled; 0 where that is not told.</param>
internal readonly record struct Costs(double AllocatedBytes, double CpuMicroseconds, double CompilerMicroseconds)
{
    public static Costs operator -(Costs one, Costs other) =>
        new(one.AllocatedBytes - other.AllocatedBytes, one.CpuMicroseconds - other.CpuMicroseconds, one.CompilerMicroseconds - other.CompilerMicroseconds);

    public static Costs operator /(Costs costs, long calls) => new(costs.AllocatedBytes / calls, costs.CpuMicroseconds / calls, costs.CompilerMicroseconds / calls);
}
