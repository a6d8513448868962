using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using Orrery.Rpc.Hosting;

namespace Orrery.Tests;

/// <summary>
/// A PostgreSQL server of the tests' own: the installed binaries, a temporary data directory, a free port on loopback.
/// Or, where <c>ORRERY_TEST_POSTGRES</c> has a connection string, that server.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string ServerAccount = "postgres";
    private const string Password = "it's; a \"secret\"=1";

    private readonly string? _binaries;
    private readonly string? _data;
    private readonly int _port;
    private readonly string _administrator;
    private Process? _process;
    private bool _isFrozen;

    private PostgresServer(string administrator) => _administrator = administrator;

    private PostgresServer(string binaries, string data, int port)
        : this(new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Database = "postgres", Username = ServerAccount, Password = Password, Timeout = 5, Pooling = false }.ConnectionString)
    {
        _binaries = binaries;
        _data = data;
        _port = port;
    }

    /// <summary>Why no server can be started here, or null.</summary>
    public static string? Missing =>
        Given is not null || Binaries() is not null ? null : "PostgreSQL is not installed (Debian: postgresql), and ORRERY_TEST_POSTGRES names no server.";

    /// <summary>Where <c>psql</c> is, or null. The server's own goes before one in PATH.</summary>
    public static string? Psql => Folders().Prepend(Binaries() ?? "").Select(folder => Path.Combine(folder, "psql")).FirstOrDefault(File.Exists);

    /// <summary>Why no server can be started here that a test may stop, or null.</summary>
    public static string? OwnMissing => Binaries() is not null ? null : "PostgreSQL is not installed (Debian: postgresql), and the test stops its server.";

    /// <summary>Whether the server is the tests' own, to be stopped and frozen at will.</summary>
    public bool IsOwn => _data is not null;

    private static string? Given => Environment.GetEnvironmentVariable("ORRERY_TEST_POSTGRES") is { Length: > 0 } given ? given : null;

    /// <summary>Starts a server, or takes the one that is given.</summary>
    /// <param name="own">Whether it must be one that can be stopped.</param>
    public static async Task<PostgresServer> StartAsync(bool own = false)
    {
        if (!own && Given is { } given)
        {
            return new PostgresServer(given);
        }

        var data = Directory.CreateTempSubdirectory("orrery-postgres").FullName;
        var server = new PostgresServer(Binaries() ?? throw new InvalidOperationException(Missing), data, LoopbackPort.Free());
        await server.InitializeAsync();
        await server.RunAsync();
        return server;
    }

    /// <summary>Makes an empty database, owned by a role of its own that is no superuser, and gives its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"orrery_{Guid.NewGuid():N}";
        await ExecuteAsync(_administrator, $"CREATE ROLE {name} LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}'");
        await ExecuteAsync(_administrator, $"CREATE DATABASE {name}");
        await ExecuteAsync(_administrator, $"ALTER DATABASE {name} OWNER TO {name}");
        return new NpgsqlConnectionStringBuilder(_administrator) { Database = name, Username = name, Password = Password, Pooling = true }.ConnectionString;
    }

    /// <summary>Ends the server as a crash of its machine would look to its clients.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("QUIT", _process!.Id);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts the server, and waits until it answers.</summary>
    public async Task RunAsync()
    {
        _process = Start("postgres", ["-D", _data!, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_data}", "-c", "max_connections=300"]);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await AnswersAsync())
        {
            await interval.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Stops the server and all its processes where they are: connections stay open, and nothing is answered.</summary>
    public Task FreezeAsync()
    {
        _isFrozen = true;
        return SignalAllAsync("STOP");
    }

    /// <summary>Lets a frozen server go on.</summary>
    public Task ThawAsync()
    {
        _isFrozen = false;
        return SignalAllAsync("CONT");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isFrozen)
        {
            await ThawAsync();
        }

        if (_process is not null)
        {
            await StopAsync();
        }

        if (_data is not null)
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private static async Task ExecuteAsync(string connectionString, string command)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var statement = new NpgsqlCommand(command, connection);
        await statement.ExecuteNonQueryAsync();
    }

    private static string? Binaries() =>
        Folders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    // Debian keeps them out of PATH, a folder per version.
    private static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(version => version, StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")) : []);

    private async Task InitializeAsync()
    {
        var passwordFile = _data + ".password";
        await File.WriteAllTextAsync(passwordFile, Password);
        if (Environment.IsPrivilegedProcess)
        {
            await RunToEndAsync(Process.Start("chown", [ServerAccount, _data!, passwordFile]));
        }

        await RunToEndAsync(Start("initdb", ["-D", _data!, "-U", ServerAccount, $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]));
        File.Delete(passwordFile);
    }

    // PostgreSQL refuses to run as root.
    private Process Start(string program, IEnumerable<string> args)
    {
        var path = Path.Combine(_binaries!, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", [$"--reuid={ServerAccount}", $"--regid={ServerAccount}", "--clear-groups", path, .. args])
            : new ProcessStartInfo(path, args);
        start.WorkingDirectory = "/";
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"PostgreSQL ended with exit code {_process.ExitCode}.");
        }

        try
        {
            await ExecuteAsync(_administrator, "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // The server runs each connection in a process of its own, whose parent is the first one.
    private async Task SignalAllAsync(string signal)
    {
        var children = Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == _process!.Id);
        foreach (var id in children.Prepend(_process!.Id).ToArray())
        {
            await SignalAsync(signal, id);
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            // The name of the program, in brackets, may hold anything; the state and the parent come after it.
            var status = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static Task SignalAsync(string signal, int id) => RunToEndAsync(Process.Start("kill", [$"-{signal}", $"{id}"]), mustSucceed: false);

    private static async Task RunToEndAsync(Process process, bool mustSucceed = true, [CallerArgumentExpression(nameof(process))] string? what = null)
    {
        await process.WaitForExitAsync();
        if (mustSucceed && process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{what} ended with exit code {process.ExitCode}.");
        }

        process.Dispose();
    }
}
